import { expect, test } from 'vitest'
import { cancelled, type Problem } from '../../core/problem.js'
import { ok, type Result } from '../../core/result.js'
import type { LoadReport } from '../../ports/image-loader.js'
import { whileEngineAnswers } from './while-engine-answers.js'

const hangs: Problem = { kind: 'engine-unreachable', endpoint: 'unix:///engine', message: 'it hangs' }
const report: LoadReport = { method: 'present', sentBytes: 0, sentLayers: 0, totalLayers: 1, reference: 'a' }
const sound = async () => undefined
const forever = () => new Promise<never>(() => {})

const optionsOf = (signal = new AbortController().signal) => ({
  signal,
  onProgress: () => {},
  onNotice: () => {},
})

test.each<[what: string, ask: () => Promise<Problem | undefined>, aborted: boolean, problem: Problem]>([
  ['of an engine that hangs', async () => hangs, false, hangs],
  ['that was aborted and does not end', sound, true, cancelled],
])('a load %s is given up, and what it hangs in let go', async (_, ask, aborted, problem) => {
  const own = new AbortController()
  let isLetGo = false
  let isTold = false
  const loaded = whileEngineAnswers(optionsOf(own.signal), {
    ask,
    letGo: () => {
      isLetGo = true
    },
    work: ({ signal }) => {
      signal.addEventListener('abort', () => {
        isTold = true
      })
      return forever()
    },
    patience: 1,
    pulse: 1,
  })
  if (aborted) own.abort()
  expect(await loaded).toEqual({ ok: false, error: problem })
  expect([isLetGo, isTold]).toEqual([true, true])
})

test('a load that was aborted has time to clear up on an engine that answers', async () => {
  const own = new AbortController()
  let asked = 0
  let finish: (result: Result<LoadReport>) => void = () => {}
  const loaded = whileEngineAnswers(optionsOf(own.signal), {
    ask: async () => {
      asked += 1
      if (asked === 2) finish({ ok: false, error: cancelled })
      return undefined
    },
    letGo: () => expect.unreachable(),
    work: () =>
      new Promise(resolve => {
        finish = resolve
      }),
    patience: 1,
    pulse: 60_000,
  })
  own.abort()
  expect(await loaded).toEqual({ ok: false, error: cancelled })
  expect(asked).toBe(2)
})

test('a load that takes long on a sound engine ends as it ends', async () => {
  let asked = 0
  let finish: (result: Result<LoadReport>) => void = () => {}
  const loaded = await whileEngineAnswers(optionsOf(), {
    ask: async () => {
      asked += 1
      if (asked === 3) finish(ok(report))
      return undefined
    },
    letGo: () => expect.unreachable(),
    work: () =>
      new Promise(resolve => {
        finish = resolve
      }),
    pulse: 1,
  })
  expect(loaded).toEqual(ok(report))
})
