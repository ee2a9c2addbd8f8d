import { createInterface } from 'node:readline'

/** Asks which of several is meant. Undefined: none of them. `'left'`: the input ended, or Ctrl-C. */
export type Choose = (question: string, options: readonly string[]) => Promise<number | undefined | 'left'>

/** Asks on a terminal by number; Enter takes the first, 0 none of them, and anything else is asked again. */
export function chooseOn(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Choose {
  return (question, options) =>
    new Promise(resolve => {
      const lines = createInterface({ input, output, terminal: false })
      lines.once('close', () => resolve('left'))
      lines.once('SIGINT', () => lines.close())
      const answerWith = (answer: number | undefined): void => {
        resolve(answer)
        lines.close()
      }
      const ask = (): void =>
        lines.question(`Number, or 0 for none [1]: `, answer => {
          const number = answer.trim() === '' ? 1 : Number(answer.trim())
          if (number === 0) answerWith(undefined)
          else if (Number.isInteger(number) && number > 0 && number <= options.length) answerWith(number - 1)
          else ask()
        })
      output.write(`${question}\n${options.map((option, index) => `  ${index + 1}  ${option}\n`).join('')}`)
      ask()
    })
}
