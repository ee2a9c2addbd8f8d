import { createInterface } from 'node:readline'

/** Asks on a terminal; anything but a yes, the end of input too, is a no. The terminal keeps its own line editing, and Ctrl-C its meaning. */
export function confirmOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): (question: string) => Promise<boolean> {
  return question =>
    new Promise(resolve => {
      const lines = createInterface({ input, output, terminal: false })
      lines.once('close', () => resolve(false))
      lines.question(`${question} [y/N] `, answer => {
        resolve(/^y(es)?$/i.test(answer.trim()))
        lines.close()
      })
    })
}
