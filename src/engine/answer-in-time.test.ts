import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { answerInTime } from './answer-in-time.js'

function question() {
  const clock = createFakeClock()
  const outer = new AbortController()
  let answer: (text: string) => void = () => {}
  let signal: AbortSignal | undefined
  const asked = answerInTime<string>(
    own => {
      signal = own
      return new Promise(resolve => {
        answer = resolve
      })
    },
    { clock, limit: 1000, signal: outer.signal, late: () => 'late' },
  )
  return { clock, outer, asked, answer: (text: string) => answer(text), isEnded: () => signal?.aborted }
}

test('an answer that comes in time counts', async () => {
  const { asked, answer, clock } = question()
  answer('here')
  expect(await asked).toBe('here')
  expect(clock.pending()).toEqual([])
})

test('without one the question is ended, and answered with what stands for it', async () => {
  const { asked, clock, isEnded } = question()
  expect(isEnded()).toBe(false)
  clock.advance(1000)
  expect(await asked).toBe('late')
  expect(isEnded()).toBe(true)
})

test('whoever ends everything ends the question too', () => {
  const { outer, isEnded } = question()
  outer.abort()
  expect(isEnded()).toBe(true)
})
