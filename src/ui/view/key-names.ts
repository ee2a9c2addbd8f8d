const NAMES: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  enter: '⏎',
  escape: 'esc',
  pageup: 'pgup',
  pagedown: 'pgdn',
  'ctrl-c': '^C',
  'ctrl-u': '^U',
  'ctrl-d': '^D',
  'shift-tab': '⇧tab',
}

/** A key as people read it. */
export const showKey = (key: string): string => NAMES[key] ?? key

/** What Ink tells of a key. */
export interface InkKey {
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly leftArrow: boolean
  readonly rightArrow: boolean
  readonly pageDown: boolean
  readonly pageUp: boolean
  readonly home: boolean
  readonly end: boolean
  readonly return: boolean
  readonly escape: boolean
  readonly ctrl: boolean
  readonly shift: boolean
  readonly tab: boolean
}

const SPECIAL = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pagedown'],
  ['pageUp', 'pageup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
] as const

/** The name of a key in the table. */
export function keyName(input: string, key: Partial<InkKey>): string {
  if (key.tab === true) return key.shift === true ? 'shift-tab' : 'tab'
  for (const [property, name] of SPECIAL) if (key[property] === true) return name
  if (key.ctrl === true) return `ctrl-${input}`
  return input === ' ' ? 'space' : input
}
