import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirmOn } from './confirm.js'

test.each([
  ['y\n', true],
  [' YES \r\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
])('the answer %j', async (typed, agreed) => {
  const input = new PassThrough()
  const output = new PassThrough()
  const asked = confirmOn(input, output)('Change /etc/hosts?')
  input.end(typed)
  expect(await asked).toBe(agreed)
  expect(String(output.read())).toBe('Change /etc/hosts? [y/N] ')
})
