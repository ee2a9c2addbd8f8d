/** Longer text without an escape is pasted: it stays in one piece. In UTF-16 units. */
const LONGEST_TYPED = 64

/** A control sequence (ECMA-48 5.4), a key of the application keypad, a key with Alt, or one character. */
const KEY =
  /\u001b\u001b?\[[\u0030-\u003f]*[\u0020-\u002f]*[\u0040-\u007e]|\u001b\u001b?O.|\u001b[^\u001b]|./gsu

/**
 * The keys of what a terminal sent in one piece. Ink takes a piece for one key, and of keys that are pressed quickly, or while the program was busy, all but
 * the first were lost or misread.
 */
export function splitKeys(text: string): readonly string[] {
  if (text.length > LONGEST_TYPED && !text.includes('\u001b')) return [text]
  return text.match(KEY) ?? []
}
