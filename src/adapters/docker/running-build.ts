import { setTimeout as delay } from 'node:timers/promises'
import type { EngineClient } from './engine-client.js'

/** Milliseconds between two requests to cancel: the first may come before the engine knows the build. */
const cancelInterval = 100
/** Milliseconds after which the connection is cut, which ends a build too, where the engine does not answer a cancel. */
const cancelLimit = 5_000
/** Milliseconds for the answer to a cancel: an engine that hangs holds up nobody who leaves. */
const answerLimit = 1_500

/** Cancels a BuildKit build and resolves when its stream has ended, which BuildKit does after the processes of its steps are gone. */
export async function cancelBuildKit({
  client,
  buildId,
  ended,
  cut,
}: {
  readonly client: EngineClient
  readonly buildId: string
  readonly ended: Promise<unknown>
  readonly cut: () => void
}): Promise<void> {
  const stopped = ended.then(() => true)
  const deadline = performance.now() + cancelLimit
  while (performance.now() < deadline) {
    const asked = await client.json({
      method: 'POST',
      path: '/build/cancel',
      query: { id: buildId },
      signal: AbortSignal.timeout(answerLimit),
    })
    if (!asked.ok && asked.error.kind === 'engine-unreachable') break
    if (await Promise.race([stopped, delay(cancelInterval, false)])) return
  }
  cut()
}

/** The classic builder ends with its connection. Resolves when the container of the step that ran is stopped or gone. */
export async function cancelClassic({
  client,
  container,
  cut,
}: {
  readonly client: EngineClient
  readonly container: string | undefined
  readonly cut: () => void
}): Promise<void> {
  cut()
  if (container === undefined) return
  const path = `/containers/${container}/wait`
  await client.json({ method: 'POST', path, query: {}, signal: AbortSignal.timeout(cancelLimit) })
}
