import { expect, test } from 'vitest'
import type { Problem } from '../../core/problem.js'
import { watchPulse } from './watch-pulse.js'

const silent: Problem = { kind: 'engine-unreachable', endpoint: 'unix:///engine', message: 'it hangs' }

test('asks until there is no sign of life twice in a row, tells that once and asks no more', async () => {
  const answers = [undefined, silent, undefined, silent, silent]
  let asked = 0
  const lost = await new Promise<Problem>(resolve => {
    watchPulse(async () => answers[asked++], resolve, 1)
  })
  expect([lost, asked]).toEqual([silent, 5])
})

test('what is over is not told of', async () => {
  const told: Problem[] = []
  let answer: (problem: Problem) => void = () => {}
  const pulse = await new Promise<Disposable>(resolve => {
    const watching = watchPulse(
      () =>
        new Promise(answered => {
          answer = answered
          resolve(watching)
        }),
      problem => told.push(problem),
      1,
    )
  })
  pulse[Symbol.dispose]()
  answer(silent)
  await new Promise(resolve => setImmediate(resolve))
  expect(told).toEqual([])
})
