import { expect, test } from 'vitest'
import { createClientReader } from './client-lines.js'
import { clientImages } from './client-pod.js'
import { type RequestSample, resultOfWords } from './request-sample.js'
import { streamReport } from './stream-report.js'

test.each<[string, string | number]>([
  ['200', 200],
  ['404', 404],
  ['503', 'server-error'],
  ['HTTP/1.1 204 No Content', 204],
  ['failed: wget: server returned error: HTTP/1.1 404 Not Found', 404],
  ['failed: 2026-01-01 10:00:00 ERROR 502: Bad Gateway.', 'server-error'],
  ['ECONNREFUSED', 'refused'],
  ["failed: wget: can't connect to remote host (10.96.1.1): Connection refused", 'refused'],
  ['failed: curl: (7) Failed to connect to 10.96.1.1 port 80: Connection refused 000', 'refused'],
  ['no endpoints available for service "web"', 'refused'],
  ['socket hang up', 'reset'],
  ['failed: wget: error getting response: Connection reset by peer', 'reset'],
  ['failed: curl: (52) Empty reply from server 000', 'reset'],
  ['cut off', 'reset'],
  ['timed out', 'timeout'],
  ['failed: wget: download timed out', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['failed: what is this', 'other'],
])('%s', (words, expected) => {
  const result = resultOfWords(words)
  expect(result.kind === 'answered' ? result.status : result.cause).toBe(expected)
})

test('a client is read line by line', () => {
  const read = createClientReader()
  const lines = ['C node', 'S 1', 'S 2', 'E 2 ECONNREFUSED', 'E 1 200', 'E 9 200', 'something else']
  expect(lines.flatMap((line, at) => read(line, at * 10) ?? [])).toEqual([
    { type: 'client', program: 'node' },
    {
      type: 'sample',
      sample: {
        startedAt: 20,
        endedAt: 30,
        result: { kind: 'failed', cause: 'refused', words: 'ECONNREFUSED' },
      },
    },
    { type: 'sample', sample: { startedAt: 10, endedAt: 40, result: { kind: 'answered', status: 200 } } },
  ])
})

const sample = (startedAt: number, words: string): RequestSample => ({
  startedAt,
  endedAt: startedAt + 5,
  result: resultOfWords(words),
})

test.each<[string, readonly RequestSample[], object]>([
  [
    'none failed',
    [sample(0, '200'), sample(50, '404')],
    { failed: 0, gap: 0, recovered: true, statuses: { 200: 1, 404: 1 } },
  ],
  [
    'a gap of 100 and one of 50',
    [
      sample(0, '200'),
      sample(50, 'ECONNREFUSED'),
      sample(100, '503'),
      sample(150, '200'),
      sample(200, '503'),
      sample(250, '200'),
    ],
    { failed: 3, gap: 105, recovered: true, causes: { refused: 1, 'server-error': 2 } },
  ],
  [
    'a request that was answered late ends a gap when it is answered',
    [sample(0, '200'), sample(50, '503'), { ...sample(60, '200'), endedAt: 400 }, sample(70, '503')],
    { gap: 350, recovered: true },
  ],
  [
    'in any order, to the end',
    [sample(100, '503'), sample(0, '200'), sample(50, '503')],
    { gap: 55, recovered: false },
  ],
])('a stream: %s', (_, samples, expected) => {
  expect(streamReport(samples)).toMatchObject(expected)
})

test('images of workloads are tried first, then those on the nodes that are likely to have a client', () => {
  const onNodes = [
    'registry.k8s.io/pause:3.10',
    'docker.io/library/busybox:1.35',
    'docker.io/library/node@sha256:12',
  ]
  expect(clientImages(['shop/web:1', 'shop/web:1'], onNodes)).toEqual([
    'shop/web:1',
    'docker.io/library/busybox:1.35',
  ])
})
