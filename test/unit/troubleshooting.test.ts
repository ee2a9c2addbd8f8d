import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { symptoms } from '../../src/core/explain/anchors.js'
import { section } from '../../src/core/explain/section.js'

const page = await readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')
const anchors = Object.keys(symptoms)

test('every problem has its part of the page, and the page has no other', () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
  expect(headings.toSorted()).toEqual(anchors.toSorted())
})

test.each(anchors)('%s says something', anchor => {
  expect(section(page, anchor)?.length).toBeGreaterThan(40)
})
