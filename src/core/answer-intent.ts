import { isScalable, objectsOf, runningImage } from './desired.js'
import type { Intent, RollbackTarget } from './intent.js'
import { apiGroup, displayRef, type ObjectRef } from './kube-object.js'
import { imageName, overridesOf, overrideText } from './overrides/overrides.js'
import { AWAY, isAway, planSwitch } from './overrides/switch.js'
import { linkedOf, switchesOf } from './overrides/switches.js'
import type { DeployableImage, ObjectState, RolledBack, ServiceState, State } from './state.js'

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
  const answer =
    intent.type === 'rollback'
      ? answerRollback(state, service, intent.to)
      : answerOf(state, service, intent.type)
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

function answerClear(state: State, name: string): IntentAnswer {
  const switches = switchesOf(state, name)
  const { steering } = state.services[name] ?? {}
  const texts = overridesOf(state)
    .filter(one => one.service === name || switches.some(({ service }) => service === one.service))
    .map(overrideText)
  if (steering === undefined && switches.length === 0) return no(unknownService(state, name))
  if (switches.some(one => isAway(one, state.objects[one.service]?.linked.object))) return no(AWAY)
  return texts.length === 0 ? no('has nothing to clear') : yes(`cleared: ${texts.join(', ')}`)
}

const nameOfKey = (key: string): string => `deployment/${key.split('/').at(-1)}`

function answerOf(
  state: State,
  service: ServiceState,
  type: Exclude<Intent['type'], 'rollback' | 'switch' | 'clear'>,
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
    case 'roll-forward':
      return steering.rolledBack === undefined ? no('is not rolled back') : yes('runs its newest image again')
  }
}

function answerRollback(state: State, service: ServiceState, to: RollbackTarget | undefined): IntentAnswer {
  const impossible = deployed(state, service)
  if (impossible !== undefined) return impossible
  if (to === undefined && rollbackImage(service) === undefined)
    return no('there is no image to go back to: no other one was live in this session')
  if (to !== undefined && to.image === runningImage(service)?.podReference)
    return no(`runs ${imageName({ podReference: to.image })} already, the image of revision ${to.revision}`)
  const back = rollbackOf(service, to)
  return back === undefined
    ? yes('runs its newest image again')
    : yes(
        `rolled back to ${back.to} (${back.image.reference}); saves are built and held until "devloop clear ${service.name}"`,
      )
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

/** What a rollback makes of a service: nothing where it leads to the newest image. */
export function rollbackOf(service: ServiceState, to: RollbackTarget | undefined): RolledBack | undefined {
  const image = to === undefined ? rollbackImage(service) : imageOf(service, to)
  if (image === undefined || image.podReference === service.deployable?.podReference) return undefined
  return {
    image,
    to: to === undefined ? `save ${image.save}` : `revision ${to.revision}`,
    until: service.ledger.save,
  }
}

/** The image of a revision, with what this session knows of it. */
function imageOf({ lives, deployable }: ServiceState, { image, save = 0 }: RollbackTarget): DeployableImage {
  const known = [...lives, ...(deployable === undefined ? [] : [deployable])].find(
    ({ podReference }) => podReference === image,
  )
  return known ?? { podReference: image, reference: image, fingerprint: '', save }
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
