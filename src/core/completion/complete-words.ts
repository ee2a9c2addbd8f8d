/** A command line as completion needs it. */
export interface CommandWords {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionWords[]
  readonly args: readonly ArgumentWords[]
  readonly commands: readonly CommandWords[]
}

export interface OptionWords {
  /** `-f`, `--file`. */
  readonly flags: readonly string[]
  readonly description: string
  /** Whether a value follows, and which ones there are, where that is known. */
  readonly takesValue: boolean
  readonly choices: readonly string[]
  readonly mayRepeat: boolean
}

export interface ArgumentWords {
  readonly name: string
  readonly choices: readonly string[]
  readonly isVariadic: boolean
}

export interface Candidate {
  readonly word: string
  readonly description: string
}

/** What may stand where the cursor is. `nothing` leaves it to the shell, which offers files. */
export type Completion =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  /** The services of the config, but for those that are named already. `file`: the config that the line names. */
  | {
      readonly kind: 'services'
      readonly prefix: string
      readonly named: readonly string[]
      readonly file: string | undefined
    }
  | { readonly kind: 'problems'; readonly prefix: string }
  | { readonly kind: 'nothing' }

/** What may stand in place of the last of the words, which are those after the program's name up to the cursor. */
export function completeWords(root: CommandWords, words: readonly string[]): Completion {
  const prefix = words.at(-1) ?? ''
  const read = readWords(root, words.slice(0, -1))
  if (read === undefined) return { kind: 'nothing' }
  const { command, waiting, named, used, file } = read
  if (waiting !== undefined) return offer(waiting.choices.map(plain), prefix)
  if (prefix.startsWith('-')) {
    // Behind a command --version is nothing, and --help is the command's own.
    const shared = command === root ? [] : root.options.filter(({ takesValue }) => takesValue)
    const options = [...command.options, ...shared]
    const left = options.filter(
      ({ flags, mayRepeat }) => mayRepeat || !flags.some(flag => used.includes(flag)),
    )
    return offer(
      left.flatMap(({ flags, description }) =>
        flags.filter(flag => flag.startsWith('--')).map(word => ({ word, description })),
      ),
      prefix,
    )
  }
  const argument = command.args[named.length] ?? command.args.findLast(({ isVariadic }) => isVariadic)
  if (argument?.name === 'service') return { kind: 'services', prefix, named, file }
  if (argument?.name === 'problem') return { kind: 'problems', prefix }
  return offer(
    [
      ...command.commands.map(({ name, description }) => ({ word: name, description })),
      ...(argument?.choices ?? []).map(plain),
    ],
    prefix,
  )
}

interface ReadWords {
  readonly command: CommandWords
  /** The option whose value comes next. */
  readonly waiting: OptionWords | undefined
  readonly named: readonly string[]
  readonly used: readonly string[]
  readonly file: string | undefined
}

/** Undefined behind `--`, where another program's words stand. */
function readWords(root: CommandWords, words: readonly string[]): ReadWords | undefined {
  let command = root
  let waiting: OptionWords | undefined
  let file: string | undefined
  let named: readonly string[] = []
  const used: string[] = []
  for (const word of words) {
    if (waiting !== undefined) {
      // bash hands over --file=x as three words.
      if (word === '=') continue
      if (waiting.flags.includes('--file')) file = word
      waiting = undefined
    } else if (word === '--') return undefined
    else if (word.startsWith('-')) {
      const [flag = '', value] = word.split('=', 2)
      const option = [...command.options, ...root.options].find(({ flags }) => flags.includes(flag))
      used.push(...(option?.flags ?? []))
      if (option?.takesValue !== true) continue
      if (value === undefined) waiting = option
      else if (flag === '--file') file = value
    } else {
      const below = command.commands.find(({ name }) => name === word)
      if (below === undefined) named = [...named, word]
      else command = below
    }
  }
  return { command, waiting, named, used, file }
}

const plain = (word: string): Candidate => ({ word, description: '' })

function offer(candidates: readonly Candidate[], prefix: string): Completion {
  return { kind: 'words', candidates: candidates.filter(({ word }) => word.startsWith(prefix)) }
}
