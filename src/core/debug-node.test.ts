import { expect, test } from 'vitest'
import { readInspector } from './debug-node.js'

test.each([
  ['{"port":9229,"pid":1}', { kind: 'open', port: 9229 }],
  ['{"error":"none"}', { kind: 'none' }],
  ['{"error":"EPERM"}', { kind: 'failed', message: 'EPERM' }],
  ['{"error":"silent"}', { kind: 'failed', message: expect.stringContaining('opened no inspector') }],
  ['Segmentation fault', { kind: 'failed', message: expect.stringContaining('Segmentation fault') }],
])('%s', (output, inspector) => {
  expect(readInspector(output)).toEqual(inspector)
})
