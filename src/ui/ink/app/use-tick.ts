import { useEffect, useReducer } from 'react'
import type { Clock } from '../../../ports/clock.js'

/** Draws again after so many milliseconds; undefined: no timer runs. */
export function useTick(clock: Clock, after: number | undefined): void {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => (after === undefined ? undefined : clock.after(after, draw)))
}
