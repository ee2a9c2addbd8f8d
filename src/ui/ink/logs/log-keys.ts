import type { LogKey } from './api.js'
import type { Direction } from './log-search.js'
import type { LogAction, LogViewState } from './log-view.js'

/** What a key asks for: a change of the view's state, or a move that needs its lines. */
export type LogCommand =
  | { readonly type: 'do'; readonly action: LogAction }
  | { readonly type: 'scroll'; readonly by: 'line' | 'half' | 'page'; readonly direction: 1 | -1 }
  | { readonly type: 'top' }
  /** Stops where it is. */
  | { readonly type: 'hold' }
  | { readonly type: 'find'; readonly direction: Direction }
  /** The key is ours, and there is nothing to do. */
  | { readonly type: 'nothing' }

/** For the help and the footer: the keys as they are printed, and what they do in the fewest words. */
export const LOG_KEYS: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: '↑ ↓ j k', does: 'scroll a line' },
  { keys: 'PgUp PgDn b space', does: 'scroll a page' },
  { keys: '^U ^D', does: 'scroll half a page' },
  { keys: 'g', does: 'first line' },
  { keys: 'G', does: 'last line, and follow' },
  { keys: 'F', does: 'follow, or stop' },
  { keys: '/', does: 'search text or /regex/' },
  { keys: 'n N', does: 'next, previous match' },
  { keys: '&', does: 'filter: text /regex/i !text level>=warn' },
  { keys: 'L', does: 'least level: all, info, warn, error' },
  { keys: 'w', does: 'wrap on, off' },
  { keys: '← →', does: 'scroll sideways (wrap off)' },
  { keys: 't', does: 'time: off, local, ago' },
  { keys: 'v', does: 'raw view, to copy from' },
  { keys: 'c', does: 'own containers, all containers' },
  { keys: 'i', does: 'ignored lines shown, hidden' },
  { keys: 'Esc', does: 'end input, search, filter' },
]

const CHARACTERS: Readonly<Record<string, LogCommand>> = {
  k: { type: 'scroll', by: 'line', direction: -1 },
  j: { type: 'scroll', by: 'line', direction: 1 },
  b: { type: 'scroll', by: 'page', direction: -1 },
  ' ': { type: 'scroll', by: 'page', direction: 1 },
  g: { type: 'top' },
  G: { type: 'do', action: { type: 'follow' } },
  '/': { type: 'do', action: { type: 'open-input', kind: 'search' } },
  '&': { type: 'do', action: { type: 'open-input', kind: 'filter' } },
  n: { type: 'find', direction: 'next' },
  N: { type: 'find', direction: 'previous' },
  w: { type: 'do', action: { type: 'toggle', what: 'wrap' } },
  t: { type: 'do', action: { type: 'toggle', what: 'timestamps' } },
  v: { type: 'do', action: { type: 'toggle', what: 'raw' } },
  c: { type: 'do', action: { type: 'toggle', what: 'containers' } },
  i: { type: 'do', action: { type: 'toggle', what: 'ignored' } },
  L: { type: 'do', action: { type: 'toggle', what: 'level' } },
}

/** Cells for each press of an arrow while lines are not wrapped. */
const SHIFT = 8

/**
 * Ink gives keys that came together, while the program was busy, as one text: here they are one by one. Pasted text is like typed text.
 */
export function splitInput(
  input: string,
  key: LogKey,
): readonly { readonly input: string; readonly key: LogKey }[] {
  if (input.length < 2 || key.ctrl || key.meta) return [{ input, key }]
  return Array.from(input, character => {
    if (character === '\r' || character === '\n') return { input: '', key: { return: true } }
    if (character === '\u007f' || character === '\b') return { input: '', key: { backspace: true } }
    return { input: character, key: {} }
  })
}

/** Undefined for a key that is not the log view's. */
export function logCommand(state: LogViewState, input: string, key: LogKey): LogCommand | undefined {
  if (key.ctrl === true && input === 'c') return undefined
  if (state.input !== undefined) return inputCommand(state.input.text, input, key)
  if (key.upArrow) return { type: 'scroll', by: 'line', direction: -1 }
  if (key.downArrow) return { type: 'scroll', by: 'line', direction: 1 }
  if (key.pageUp) return { type: 'scroll', by: 'page', direction: -1 }
  if (key.pageDown) return { type: 'scroll', by: 'page', direction: 1 }
  if (key.home) return { type: 'top' }
  if (key.end) return { type: 'do', action: { type: 'follow' } }
  if (key.leftArrow || key.rightArrow) {
    if (state.wrap) return undefined
    return { type: 'do', action: { type: 'shift', cells: key.leftArrow ? -SHIFT : SHIFT } }
  }
  if (key.escape) return canCancel(state) ? { type: 'do', action: { type: 'cancel' } } : undefined
  if (key.ctrl) return CONTROLS[input]
  if (key.meta || key.tab || key.return) return undefined
  if (input === 'F') return state.position.kind === 'follow' ? { type: 'hold' } : CHARACTERS.G
  if ((input === 'n' || input === 'N') && state.search === '') return undefined
  return Object.hasOwn(CHARACTERS, input) ? CHARACTERS[input] : undefined
}

const CONTROLS: Readonly<Record<string, LogCommand>> = {
  u: { type: 'scroll', by: 'half', direction: -1 },
  d: { type: 'scroll', by: 'half', direction: 1 },
  b: { type: 'scroll', by: 'page', direction: -1 },
  f: { type: 'scroll', by: 'page', direction: 1 },
}

function canCancel(state: LogViewState): boolean {
  return state.search !== '' || state.filter !== '' || state.level !== undefined
}

function inputCommand(text: string, input: string, key: LogKey): LogCommand {
  if (key.escape) return { type: 'do', action: { type: 'cancel' } }
  if (key.return) return { type: 'do', action: { type: 'submit' } }
  if (key.backspace || key.delete) {
    // Backspace in an empty line leaves it, as in vim and less.
    if (text === '') return { type: 'do', action: { type: 'cancel' } }
    return edit([...text].slice(0, -1).join(''))
  }
  if (key.ctrl && input === 'u') return edit('')
  if (key.ctrl && input === 'w') return edit(text.replace(/\S*\s*$/, ''))
  if (key.ctrl || key.meta || key.tab || input === '') return { type: 'nothing' }
  // What is pasted may have line ends and more.
  return edit(text + input.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' '))
}

function edit(text: string): LogCommand {
  return { type: 'do', action: { type: 'edit', text } }
}
