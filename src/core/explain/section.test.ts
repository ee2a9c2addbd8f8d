import { expect, test } from 'vitest'
import { section } from './section.js'

const page = '# Page\n\n### one\n\nFirst.\n\nMore.\n\n## Chapter\n\n### two\nSecond.\n#### below\nit\n'

test.each([
  ['one', 'First.\n\nMore.'],
  ['two', 'Second.\n#### below\nit'],
  ['Chapter', undefined],
  ['on', undefined],
])('of %s', (heading, text) => {
  expect(section(page, heading)).toBe(text)
  expect(section(page.replaceAll('\n', '\r\n'), heading)).toBe(text)
})
