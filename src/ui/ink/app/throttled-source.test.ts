import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../testing/fake-clock.js'
import { throttledSource } from './throttled-source.js'

function counted() {
  const clock = createFakeClock()
  let value = 0
  const listeners = new Set<() => void>()
  const heard: number[] = []
  const source = throttledSource(
    {
      get: () => value,
      subscribe: listener => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    { clock, interval: 50 },
  )
  source.subscribe(() => heard.push(source.get()))
  const become = (next: number): void => {
    value = next
    for (const listener of listeners) listener()
  }
  return { clock, source, heard, become, listeners }
}

describe('a throttled source', () => {
  it('passes the first change on at once, and the last of those that follow once the time is over', () => {
    const { clock, heard, become } = counted()
    for (const value of [1, 2, 3]) become(value)
    expect(heard).toEqual([1])
    clock.advance(49)
    expect(heard).toEqual([1])
    clock.advance(1)
    expect(heard).toEqual([1, 3])
  })

  it('sets no timer while nothing changes', () => {
    const { clock, become } = counted()
    become(1)
    become(2)
    clock.advance(50)
    expect(clock.pending()).toEqual([])
  })

  it('says nothing where the value is what it was', () => {
    const { heard, become } = counted()
    become(0)
    expect(heard).toEqual([])
  })

  it('shows one value between two times that it tells of a change', () => {
    const { source, become } = counted()
    become(1)
    become(2)
    expect(source.get()).toBe(1)
  })

  it('ends its timer and its subscription', () => {
    const { clock, source, become, listeners } = counted()
    become(1)
    become(2)
    source.dispose()
    expect(clock.pending()).toEqual([])
    expect(listeners.size).toBe(0)
  })
})
