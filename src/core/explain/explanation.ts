import type { Anchor } from './anchors.js'

/** A problem in words, for every screen alike. */
export interface Explanation {
  /** One line: what failed, and where. */
  readonly title: string
  /** What is known about it, ready to print: frames, output, the cluster's own words. */
  readonly detail: readonly string[]
  /** What to do, one sentence each. */
  readonly hints: readonly string[]
  /** The heading of docs/troubleshooting.md, which `devloop explain` shows; undefined where nothing is wrong. */
  readonly anchor: Anchor | undefined
}

/** Where to read more, as the last of what to do; nothing where nothing is wrong. */
export const whereToRead = ({ anchor }: Pick<Explanation, 'anchor'>): readonly string[] =>
  anchor === undefined ? [] : [`More: devloop explain ${anchor}`]

/** The lines of a message of some other program, whole. */
export const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.split(/\r?\n/))

/** The entries that are there. */
export const present = (...entries: readonly (string | undefined)[]): readonly string[] =>
  entries.filter(entry => entry !== undefined)

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
