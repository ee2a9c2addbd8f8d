import { settlesAt } from '../core/settle.js'
import { type LiveAnswer, liveAnswer } from '../core/why/live-verdict.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from './store.js'

/** Resolves with the first answer that the state gives; undefined where the signal is aborted before. Looks at the state when it changes, and at no other time. */
export function awaitLive(
  { store, clock }: { readonly store: Pick<Store, 'getState' | 'subscribe'>; readonly clock: Clock },
  services: readonly string[],
  signal: AbortSignal,
): Promise<LiveAnswer | undefined> {
  return new Promise(resolve => {
    let cancelSettling: (() => void) | undefined
    let unsubscribe = (): void => {}
    const finish = (answer: LiveAnswer | undefined): void => {
      cancelSettling?.()
      unsubscribe()
      signal.removeEventListener('abort', onAbort)
      resolve(answer)
    }
    const onAbort = (): void => finish(undefined)
    const look = (): void => {
      cancelSettling?.()
      cancelSettling = undefined
      const state = store.getState()
      const answer = liveAnswer(state, services)
      if (answer === undefined) return
      // What has no probe is looked at again once it has gone on for a while.
      const wait = answer.kind === 'live' ? (settlesAt(state) ?? 0) - clock.now() : 0
      if (wait > 0) cancelSettling = clock.after(wait, look)
      else finish(answer)
    }
    if (signal.aborted) return resolve(undefined)
    signal.addEventListener('abort', onAbort)
    unsubscribe = store.subscribe(look)
    look()
  })
}
