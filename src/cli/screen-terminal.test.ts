import { expect, it } from 'vitest'
import type { TerminalIo } from './io.js'
import { screenTerminal } from './screen-terminal.js'

const terminal = { interrupt: () => {} } as unknown as TerminalIo

it.each([
  ['on a terminal', { TERM: 'xterm-256color' }, {}, true],
  ['not with --plain', {}, { plain: true }, false],
  ['not with --json', {}, { json: true }, false],
  ['not with --once', {}, { once: true }, false],
  ['not on a dumb terminal', { TERM: 'dumb' }, {}, false],
  ['not in CI', { CI: 'true' }, {}, false],
  ['not in CI that says so otherwise', { CONTINUOUS_INTEGRATION: '1' }, {}, false],
  ['where it is said that this is no CI', { CI: 'false' }, {}, true],
  ['not for a screen reader', { INK_SCREEN_READER: 'true' }, {}, false],
] as const)('the screen is shown %s', (_, env, options, expected) => {
  expect(screenTerminal({ terminal, env }, options) === terminal).toBe(expected)
})

it('needs a terminal', () => {
  expect(screenTerminal({ env: {} }, {})).toBeUndefined()
})
