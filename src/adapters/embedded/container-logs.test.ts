import { expect, test } from 'vitest'
import type { LogEvent } from '../../ports/pod-logs.js'
import { createContainerLogs } from './container-logs.js'

const source = {
  namespace: 'default',
  pod: 'a',
  podUid: 'uid',
  container: 'main',
  restarts: 0,
  containerId: '',
}

test('a program that writes more than is kept loses its oldest lines, is told so, and is read on', async () => {
  const logs = createContainerLogs(() => 1_000_000)
  const run = logs.open(source)
  const kilobyte = 'x'.repeat(1024)
  for (let number = 0; number < 6 * 1024; number++) run.line(`${number} ${kilobyte}`)
  const events: LogEvent[] = []
  const read = logs.follow(source, event => events.push(event), { signal: new AbortController().signal })
  run.line('the last')
  run.end()
  await read
  const [first, second] = events
  expect(first).toEqual({ type: 'gap', message: expect.stringMatching(/^\d+ lines were written faster/) })
  const lost = Number(first?.type === 'gap' ? first.message.split(' ')[0] : 0)
  expect(lost).toBeGreaterThan(2 * 1024)
  expect(second).toEqual({ type: 'line', time: expect.any(String), text: `${lost} ${kilobyte}` })
  expect(events).toHaveLength(1 + 6 * 1024 - lost + 1)
  expect(events.at(-1)).toEqual({ type: 'line', time: expect.any(String), text: 'the last' })
})

test('who reads along loses nothing, however much is written', async () => {
  const logs = createContainerLogs(() => 1_000_000)
  const run = logs.open(source)
  let count = 0
  let gaps = 0
  const read = logs.follow(
    source,
    ({ type }) => {
      if (type === 'line') count++
      else gaps++
    },
    { signal: new AbortController().signal },
  )
  const kilobyte = 'x'.repeat(1024)
  for (let number = 0; number < 6 * 1024; number++) run.line(kilobyte)
  run.end()
  await read
  expect([count, gaps]).toEqual([6 * 1024, 0])
})
