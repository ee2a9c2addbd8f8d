import { isScalable, objectsOf, runningImage } from './desired.js'
import type { Intent } from './intent.js'
import { apiGroup, displayRef, type ObjectRef } from './kube-object.js'
import { textMapAt } from './observe/fields.js'
import { overridesOf, overrideText } from './overrides/overrides.js'
import { planSwitch } from './overrides/switch.js'
import { linkedOf, switchesOf } from './overrides/switches.js'
import type { DeployableImage, ObjectState, ServiceState, State } from './state.js'

/** What comes of an intent, in words. One that is not accepted changes nothing. */
export interface IntentAnswer {
  readonly accepted: boolean
  readonly message: string
}

const yes = (message: string): IntentAnswer => ({ accepted: true, message })
const no = (message: string): IntentAnswer => ({ accepted: false, message })

/** Decides whether an intent can be followed now, and says what will be done or why nothing will. */
export function answerIntent(state: State, intent: Intent): IntentAnswer {
  if (intent.type === 'switch') return answerSwitch(state, intent)
  if (intent.type === 'clear') return answerClear(state, intent.service)
  const service = state.services[intent.service]
  if (service === undefined) return no(unknownService(state, intent.service))
  const answer = answerOf(state, service, intent.type)
  const waits = answer.accepted && service.steering.paused !== undefined && intent.type !== 'resume'
  return waits && intent.type !== 'pause' ? yes(`${answer.message}; this waits until it is resumed`) : answer
}

function unknownService(state: State, name: string): string {
  const known = Object.keys(state.services)
  return `there is no service ${name} in this session${known.length === 0 ? '' : `, only ${known.join(', ')}`}`
}

function answerSwitch(state: State, asked: Extract<Intent, { type: 'switch' }>): IntentAnswer {
  if (!state.mode.deploy) return no('this session deploys nothing')
  const planned = planSwitch(linkedOf(state), asked, state.switches ?? {})
  if (!planned.ok) return no(planned.error)
  const { target, service } = planned.value
  const serving = state.switches?.[service]
  if (serving?.target === target) return no(`is on ${asked.version} already`)
  return yes(
    `switched to ${asked.version}: ${nameOfKey(target)} comes up, then service/${service.split('/').at(-1)} moves, then the other side goes down`,
  )
}

/** Without its version the Service would lead to pods that are not there. */
function answerClear(state: State, name: string): IntentAnswer {
  const switches = switchesOf(state, name)
  const { steering } = state.services[name] ?? {}
  const texts = overridesOf(state)
    .filter(one => one.service === name || switches.some(({ service }) => service === one.service))
    .map(overrideText)
  if (steering === undefined && switches.length === 0) return no(unknownService(state, name))
  const away = switches.find(({ service, selector, stage }) => {
    const written = textMapAt(state.objects[service]?.linked.object, 'spec', 'selector')
    return (
      stage !== 'done' ||
      Object.entries(selector).some(([key, value]) => key in written && written[key] !== value)
    )
  })
  if (away !== undefined)
    return no(
      'is on another version than its manifest says: switch it back first, then its Service never leads to nobody',
    )
  return texts.length === 0 ? no('has nothing to clear') : yes(`cleared: ${texts.join(', ')}`)
}

const nameOfKey = (key: string): string => `deployment/${key.split('/').at(-1)}`

function answerOf(
  state: State,
  service: ServiceState,
  type: Exclude<Intent['type'], 'switch' | 'clear'>,
): IntentAnswer {
  const { steering } = service
  switch (type) {
    case 'rebuild':
      return state.mode.build === 'reuse'
        ? no('this session builds nothing: it deploys what was built before')
        : yes('its image is built again')
    case 'redeploy':
      return deployed(state, service) ?? yes('its objects are applied again')
    case 'restart':
      return deployed(state, service) ?? answerRestart(state, service)
    case 'pause':
      return steering.paused === undefined
        ? yes(
            'paused: nothing is read, built or applied for it until it is resumed; what runs now is finished',
          )
        : no('is paused already')
    case 'resume': {
      if (steering.paused === undefined) return no('is not paused')
      const { saves } = steering.paused
      return yes(saves === 0 ? 'resumed' : `resumed: ${saves} ${saves === 1 ? 'save' : 'saves'} waited`)
    }
    case 'scale-to-zero':
      if (steering.scaledToZero) return no('is scaled to zero already')
      return (
        deployed(state, service) ??
        (refsOf(state, service).some(isScalable)
          ? yes('scaled to zero: it runs no pods until it is scaled back')
          : no(`cannot be scaled: ${namesOf(state, service)} has no number of replicas`))
      )
    case 'scale-back':
      return steering.scaledToZero
        ? yes('scaled back to what the manifest says')
        : no('is not scaled to zero')
    case 'debug-node':
      return deployed(state, service) ?? yes('can be stopped by a debugger: no probe ends it meanwhile')
    case 'debug-jvm':
      return deployed(state, service) ?? yes('its pods are replaced by such with a debug agent')
    case 'debug-off':
      return steering.debug === undefined ? no('is not debugged') : yes('is as its manifests say again')
    case 'rollback': {
      const image = rollbackImage(service)
      return (
        deployed(state, service) ??
        (image === undefined
          ? no('there is no image to go back to: no other one was live in this session')
          : yes(`rolled back to ${saveName(image.save)} (${image.reference}) until its next save`))
      )
    }
  }
}

/** Why a service without objects in the cluster cannot be followed there; undefined where it has some. */
function deployed(state: State, service: ServiceState): IntentAnswer | undefined {
  if (!state.mode.deploy) return no('this session deploys nothing')
  return objectsOf(state, service.name).length > 0 ? undefined : no('has no workload in the manifests')
}

function answerRestart(state: State, service: ServiceState): IntentAnswer {
  const refs = refsOf(state, service)
  const others = refs.filter(ref => !isRestartable(ref)).map(displayRef)
  const none = `${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} nothing to restart`
  if (others.length === refs.length)
    return no(`${none}: only the pods of a Deployment, StatefulSet or DaemonSet are replaced one by another`)
  if (service.steering.scaledToZero) return no('is scaled to zero: it has no pods to restart')
  return yes(others.length === 0 ? 'its pods are replaced' : `its pods are replaced; ${none}`)
}

/** Kinds whose controller replaces pods when the pod template changes: those of `kubectl rollout restart`. */
export function isRestartable({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return apiGroup(apiVersion) === 'apps' && ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind)
}

/**
 * The image that a rollback would run: the one that was live before the present one, or the one that was live last where the present one never was.
 */
export function rollbackImage(service: ServiceState): DeployableImage | undefined {
  const present = runningImage(service)?.podReference
  return service.lives.findLast(image => image.podReference !== present)
}

function saveName(save: number): string {
  return save === 0 ? 'what was there at the start' : `save ${save}`
}

function refsOf(state: State, service: ServiceState): readonly ObjectRef[] {
  return objectsOf(state, service.name).flatMap(key => {
    const object: ObjectState | undefined = state.objects[key]
    return object === undefined ? [] : [object.linked.ref]
  })
}

function namesOf(state: State, service: ServiceState): string {
  return refsOf(state, service).map(displayRef).join(', ')
}
