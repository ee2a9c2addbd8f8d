import { answerIntent, isRestartable, rollbackOf } from '../answer-intent.js'
import { objectsOf, runningImage } from '../desired.js'
import type { IntentEvent } from '../event.js'
import type { PrepareState } from '../hooks/hook-state.js'
import { switchesOf } from '../overrides/switches.js'
import { serviceStatus } from '../service-status.js'
import type { DeployableImage, ServiceState, State, Steering } from '../state.js'
import { askSwitch } from './overrides.js'
import { updateObject, updateService } from './update.js'

type Stamped<E> = E & { readonly at: number }

export const unsteered: Steering = {
  rebuild: false,
  redeploys: 0,
  paused: undefined,
  scaledToZero: false,
  rolledBack: undefined,
}

/** Notes what a person asked for. What is not accepted changes nothing. */
export function reduceIntent(state: State, { intent, at }: Stamped<IntentEvent>): State {
  if (!answerIntent(state, intent).accepted) return state
  if (intent.type === 'switch') return askSwitch(state, intent)
  if (intent.type === 'clear') return clearOverrides(state, intent.service)
  const { type, service } = intent
  if (type === 'restart') return askRestart(state, service)
  if (type === 'rollback')
    return updateService(state, service, s => ({
      ...s,
      steering: { ...s.steering, rolledBack: rollbackOf(s, intent.to) },
    }))
  return updateService(state, service, s => ({
    ...s,
    steering: { ...s.steering, ...steered(s, type, at) },
    // A build that is asked for is a whole one.
    ...(type === 'rebuild' && s.prepare !== undefined ? { prepare: withoutRecords(s.prepare) } : {}),
  }))
}

function withoutRecords(prepare: PrepareState): PrepareState {
  const readings = Object.entries(prepare.readings).map(([id, reading]) => [
    id,
    { ...reading, last: undefined },
  ])
  return { ...prepare, readings: Object.fromEntries(readings), failed: undefined, accepted: {} }
}

function steered(
  service: ServiceState,
  type: Exclude<IntentEvent['intent']['type'], 'restart' | 'rollback' | 'switch' | 'clear'>,
  at: number,
): Partial<Steering> {
  const { steering } = service
  switch (type) {
    case 'rebuild':
      return { rebuild: true }
    case 'redeploy':
      return { redeploys: steering.redeploys + 1 }
    case 'pause':
      return { paused: { since: at, saves: service.pending === undefined ? 0 : 1 } }
    case 'resume':
      return { paused: undefined }
    case 'scale-to-zero':
      return { scaledToZero: true }
    case 'scale-back':
      return { scaledToZero: false }
    case 'roll-forward':
      return { rolledBack: undefined }
    case 'debug-node':
      return { debug: 'node' }
    case 'debug-jvm':
      return { debug: 'jvm' }
    case 'debug-off':
      return { debug: undefined }
  }
}

function clearOverrides(state: State, name: string): State {
  const gone = new Set(switchesOf(state, name).map(({ service }) => service))
  const switches = Object.fromEntries(
    Object.entries(state.switches ?? {}).filter(([service]) => !gone.has(service)),
  )
  return updateService({ ...state, switches }, name, service => ({
    ...service,
    steering: { ...service.steering, paused: undefined, scaledToZero: false, rolledBack: undefined },
  }))
}

function askRestart(state: State, service: string): State {
  let next = state
  for (const key of objectsOf(state, service)) {
    const object = state.objects[key]
    if (object === undefined || !isRestartable(object.linked.ref) || object.restart.kind !== 'none') continue
    next = updateObject(next, key, o => ({ ...o, restart: { kind: 'asked' } }))
  }
  return next
}

/** One more save of a service waits, if it is paused. */
export function countPausedSave(service: ServiceState): ServiceState {
  const { paused } = service.steering
  if (paused === undefined) return service
  return { ...service, steering: { ...service.steering, paused: { ...paused, saves: paused.saves + 1 } } }
}

/** How many images a rollback can choose from in the end; older ones may be gone from the nodes. */
const REMEMBERED_LIVES = 8

/** Remembers which images of these services are live: the newest last. */
export function recordLives(state: State, concerned: readonly ServiceState[]): State {
  let next = state
  for (const service of concerned) {
    const image = runningImage(service)
    if (image === undefined || service.lives.at(-1)?.podReference === image.podReference) continue
    const { phase } = serviceStatus(state, service.name)
    if (phase === 'live' || phase === 'rolled-back')
      next = updateService(next, service.name, s => ({ ...s, lives: withLast(s.lives, image) }))
  }
  return next
}

function withLast(lives: readonly DeployableImage[], image: DeployableImage): readonly DeployableImage[] {
  return [...lives.filter(({ podReference }) => podReference !== image.podReference), image].slice(
    -REMEMBERED_LIVES,
  )
}
