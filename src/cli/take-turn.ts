import { cancelled, type Problem } from '../core/problem.js'
import { err, type Result } from '../core/result.js'
import type { Clock } from '../ports/clock.js'
import { sleep } from '../ports/sleep.js'
import type { Owner, OwnerLock } from '../ports/state-store.js'

/** Commands that own a project for no longer than they act, by the names under which they take it. */
const BRIEF: ReadonlySet<string> = new Set([
  'restart',
  'rollback',
  'switch',
  'pause',
  'resume',
  'scale-to-zero',
  'scale-back',
  'clear',
])
/** Milliseconds between two looks: nobody tells when a lock is free. */
const PAUSE = 100
/** Milliseconds after which somebody is to hear of it: a `switch` waits for pods. */
const PATIENCE = 30_000

interface Locks {
  lock(command: string): Promise<Result<OwnerLock>>
  readOwner(): Promise<Result<Owner | undefined>>
}

/**
 * Makes a command the owner of the project. Where another has it that acts for a moment and is gone, such as a `restart`, it is waited for: two that a script
 * starts at once come one after the other. Any other owner is `already-running` at once.
 */
export async function takeTurn(
  state: Locks,
  command: string,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<Result<OwnerLock, Problem>> {
  const until = clock.now() + PATIENCE
  for (;;) {
    const taken = await state.lock(command)
    if (taken.ok || taken.error.kind !== 'already-running' || clock.now() >= until) return taken
    const owner = await state.readOwner()
    if (!owner.ok) return owner
    // Gone since: it is free.
    if (owner.value !== undefined && !BRIEF.has(owner.value.command)) return taken
    await sleep(clock, PAUSE, signal ?? new AbortController().signal)
    if (signal?.aborted === true) return err(cancelled)
  }
}
