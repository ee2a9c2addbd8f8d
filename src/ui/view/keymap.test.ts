import { expect, it } from 'vitest'
import { keyName } from './key-names.js'
import { keymap } from './keymap.js'

it('no key does two things', () => {
  const keys = keymap.flatMap(({ keys: of }) => of)
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
})

it.each([
  ['a', {}, 'a'],
  ['', { upArrow: true }, 'up'],
  ['', { tab: true }, 'tab'],
  ['', { tab: true, shift: true }, 'shift-tab'],
  ['', { return: true }, 'enter'],
  ['c', { ctrl: true }, 'ctrl-c'],
  [' ', {}, 'space'],
  ['R', { shift: true }, 'R'],
] as const)('a key %j %j is called %s', (input, key, name) => {
  expect(keyName(input, key)).toBe(name)
})
