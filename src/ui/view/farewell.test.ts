import { expect, it } from 'vitest'
import { uiStates } from '../../testing/ui-states.js'
import { farewell } from './farewell.js'

it('says what is live and how to come back', () => {
  expect(farewell(uiStates.asFound(), { now: 9000, down: false })).toEqual([
    'shop on kind-dev: 3 of 3 services live',
    '✓ nothing saved yet; the tree as found is live',
    'devloop up: back to it · devloop down: take it all away',
  ])
})

it('says each problem that is still open once', () => {
  const text = farewell(uiStates.crash(), { now: 9000, down: true }).join('\n')
  expect(text).toContain('2 of 3 services live')
  expect(text).not.toContain('devloop up')
  expect(text.split('crashes again and again')).toHaveLength(2)
})
