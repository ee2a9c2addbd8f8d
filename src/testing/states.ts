import type { Effect } from '../core/effect.js'
import { startedEvent, supersededEvent } from '../core/effect-events.js'
import type { Event } from '../core/event.js'
import { type KubeObject, refKey, refOf } from '../core/kube-object.js'
import type { LinkedObject } from '../core/manifest/link.js'
import { tierOf } from '../core/manifest/order.js'
import { plan } from '../core/plan.js'
import type { Problem } from '../core/problem.js'
import type { Project, ServiceSpec } from '../core/project.js'
import { initialState, reduce } from '../core/reduce.js'
import type { Observation, ObservedPod } from '../core/rollout-observation.js'
import type { Mode, State } from '../core/state.js'
import { pod, workload } from './rollout-fixtures.js'

export const SOURCE = { file: '/shop/k8s/all.yaml', line: 1, column: 1, endLine: 2, endColumn: 1 }

export const boom: Problem = { kind: 'image-build-failed', service: 'a', message: 'exit 1', output: [] }
export const engineGone: Problem = {
  kind: 'engine-unreachable',
  endpoint: '/var/run/docker.sock',
  message: 'connect ENOENT',
}

export function serviceSpec(name: string, over: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    context: `/shop/${name}`,
    dockerfile: `/shop/${name}/Dockerfile`,
    image: `shop/${name}`,
    target: undefined,
    platform: undefined,
    buildArgs: {},
    secrets: [],
    requires: [],
    workloads: [],
    container: undefined,
    watch: { extra: [], ignore: [] },
    dependsOn: [],
    ...over,
  }
}

export function projectOf(services: readonly (string | ServiceSpec)[], over: Partial<Project> = {}): Project {
  return {
    name: 'shop',
    root: '/shop',
    configFile: '/shop/dev.config.yaml',
    cluster: { kind: 'auto' },
    namespace: { default: 'shop', create: true, override: false },
    variables: {},
    services: services.map(service => (typeof service === 'string' ? serviceSpec(service) : service)),
    manifests: [{ kind: 'raw', path: '/shop/k8s', exclude: [], substitute: true }],
    preload: [],
    hosts: [],
    gateway: { mode: 'off', port: 0 },
    portForward: { auto: false, forwards: [] },
    build: { concurrency: 2 },
    logs: { ignore: [] },
    waitTimeout: undefined,
    prune: 'ask',
    onExit: 'keep',
    ...over,
  }
}

export const upMode: Mode = { once: false, build: 'yes', deploy: true, only: undefined }
export const buildMode: Mode = { ...upMode, once: true, deploy: false }

/** An object as it comes out of linking; `services` are those whose images it runs. */
export function linkedObject(
  kind: string,
  name: string,
  {
    services = [],
    images = [],
    apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1',
    namespace = 'shop',
    hash = '1',
  }: {
    readonly services?: readonly string[]
    readonly images?: readonly string[]
    readonly apiVersion?: string
    readonly namespace?: string | undefined
    readonly hash?: string
  } = {},
): LinkedObject {
  const object: KubeObject = {
    apiVersion,
    kind,
    metadata: { name, ...(kind === 'Namespace' ? {} : { namespace }) },
  }
  const ref = refOf(object)
  return {
    key: refKey(ref),
    ref,
    object,
    source: SOURCE,
    tier: tierOf(ref),
    isWorkload: kind === 'Deployment',
    images: [
      ...services.map(service => ({
        path: ['spec'],
        container: service,
        init: false,
        image: `shop/${service}`,
        service,
      })),
      ...images.map(image => ({ path: ['spec'], container: image, init: false, image })),
    ],
    services,
    contentHash: hash,
  }
}

export interface Given {
  readonly state: State
  /** What the planner asks for now, without starting it. */
  planned(): string[]
  do(...events: readonly Event[]): Given
  /** Lets so many milliseconds pass. */
  wait(milliseconds: number): Given
  /** Starts all that is planned. */
  start(): Given
}

/** A state to which things happen, a millisecond apart. */
function given(state: State, clock = { now: 1000 }): Given {
  return {
    state,
    planned: () =>
      plan(state)
        .start.filter(({ type }) => type !== 'find-dropped')
        .map(describeEffect),
    do: (...events) =>
      given(
        events.reduce((next, event) => reduce(next, { ...event, at: clock.now++ }), state),
        clock,
      ),
    wait: milliseconds => {
      clock.now += milliseconds
      return given(state, clock)
    },
    start: () => {
      let next = given(state, clock)
      for (const one of plan(state).cancel) next = next.do(supersededEvent(one))
      for (const effect of plan(state).start) {
        next = next.do(startedEvent(effect, next.state.save))
        // Unless a test says otherwise, the journal has nothing besides.
        if (effect.type === 'find-dropped')
          next = next.do({ type: 'dropped-found', run: effect.run, objects: [], isBusy: false })
      }
      return next
    },
  }
}

/** What the planner wants ended: services whose build or hook is, and keys of objects that are being applied. */
export const cancels = ({ state }: Given): readonly string[] =>
  plan(state).cancel.map(one => ('key' in one ? one.key : 'image' in one ? one.image : one.service))

export const session = (project: Project, mode: Mode = upMode): Given => given(initialState(project, mode))

/** An effect in a word or two: `build a 0`. */
function describeEffect(effect: Effect): string {
  switch (effect.type) {
    case 'scan':
      return `scan ${effect.service}`
    case 'build':
      return `build ${effect.service} ${effect.save}`
    case 'hook':
      return `hook ${effect.hook}`
    case 'stage':
      return `${effect.stage} ${effect.service ?? ''}`.trim()
    case 'load':
      return `load ${effect.image}`
    case 'apply':
      return `apply ${nameOf(effect.key)}`
    case 'check':
      return `check ${effect.check.target}`
    case 'sync':
      return `sync ${effect.service} ${effect.save}`
    case 'restart':
      return `restart ${nameOf(effect.key)}`
    case 'read-last-lines':
      return `read ${effect.pod}`
    case 'clear-hook':
      return `clear ${nameOf(effect.key)}`
    case 'prune':
      return `prune ${effect.keys.map(nameOf).join(' ')}`
    case 'connect':
    case 'render':
    case 'probe-engine':
    case 'find-dropped':
      return effect.type
  }
}

function nameOf(key: string): string {
  return key.split('/').slice(1).filter(Boolean).join('/')
}

export const save = (firstAt: number, ...services: readonly string[]): Event => ({
  type: 'files-changed',
  firstAt,
  services: Object.fromEntries(services.map(name => [name, [`/shop/${name}/main.go`]])),
  manifests: [],
})

/** Ends the scan that runs for a service. */
export function scanned(state: State, service: string, digest: string): Event {
  const source = state.services[service]?.source
  return {
    type: 'scan-finished',
    run: source?.kind === 'scanning' ? source.run : -1,
    service,
    digest,
    changed: ['main.go'],
    bytes: 1,
    files: 1,
    bases: {},
  }
}

/** Ends the build that runs for a service with the image `imageId`. */
export function built(state: State, service: string, imageId: string): Event {
  const build = state.services[service]?.build
  return {
    type: 'build-finished',
    run: build?.kind === 'building' ? build.run : -1,
    service,
    fingerprint: build?.kind === 'building' ? build.fingerprint : '',
    imageId: `sha256:${imageId}`,
    reference: `shop/${service}:dev-${imageId}`,
    cached: false,
    bytes: 1,
    bases: {},
  }
}

export function buildFailed(state: State, service: string, problem: Problem): Event {
  const build = state.services[service]?.build
  return { type: 'build-failed', run: build?.kind === 'building' ? build.run : -1, service, problem }
}

/** Ends the load that runs for an image. */
export function loaded(state: State, image: string): Event {
  const load = state.loads[image]
  return {
    type: 'load-finished',
    run: load?.kind === 'loading' ? load.run : -1,
    image,
    podReference: image,
    method: 'save',
    sentBytes: 1,
    sentLayers: 1,
    totalLayers: 1,
  }
}

/** Ends the apply that runs for an object. */
export function applied(
  state: State,
  key: string,
  outcome: 'created' | 'configured' | 'unchanged' = 'created',
): Event {
  const apply = state.objects[key]?.apply
  const ended = {
    run: -1,
    version: '',
    ...(apply?.kind === 'applying' ? { run: apply.run, version: apply.version } : {}),
  }
  return { type: 'apply-finished', ...ended, key, outcome, uid: `uid ${key}`, generation: 1, notices: [] }
}

export function applyFailed(state: State, key: string, problem: Problem): Event {
  const apply = state.objects[key]?.apply
  const ended = {
    run: -1,
    version: '',
    ...(apply?.kind === 'applying' ? { run: apply.run, version: apply.version } : {}),
  }
  return { type: 'apply-failed', ...ended, key, problem }
}

/** The controller has rolled a Deployment out: its one pod is new and ready. With `ready` false it is running and not ready. */
export function rolledOut(key: string, { ready = true }: { readonly ready?: boolean } = {}): Event {
  return { type: 'observed', observations: rollout(key, { ready }) }
}

/** All that is seen of a Deployment with one pod. */
export function rollout(
  key: string,
  {
    ready,
    generation = 1,
    uid = `uid ${key}`,
    over = {},
  }: {
    readonly ready: boolean
    readonly generation?: number
    readonly uid?: string
    readonly over?: Partial<ObservedPod>
  },
): readonly Observation[] {
  const [, kind = '', namespace = '', name = ''] = key.split('/')
  const set = { kind: 'ReplicaSet', name: `${name}-1`, uid: `set of ${uid}` }
  const count = ready ? 1 : 0
  return [
    {
      type: 'replica-set',
      replicaSet: {
        uid: set.uid,
        namespace,
        name: set.name,
        ownerUid: uid,
        revision: generation,
        podTemplateHash: '1',
        replicas: 1,
        images: {},
      },
    },
    {
      type: 'pod',
      pod: pod(`${name}-1-xyz`, { uid: `pod of ${uid}`, namespace, ready, owner: set, ...over }),
    },
    {
      type: 'workload',
      workload: workload(kind, {
        key,
        uid,
        namespace,
        name,
        generation,
        observedGeneration: generation,
        readyReplicas: count,
        availableReplicas: count,
      }),
    },
  ]
}

export function connected(
  state: State,
  uid = 'cluster-1',
  scopes: Readonly<Record<string, boolean>> = {},
): Event {
  return {
    type: 'cluster-connected',
    run: state.cluster.kind === 'connecting' ? state.cluster.run : -1,
    context: 'kind-dev',
    uid,
    version: 'v1.34.0',
    created: false,
    scopes,
  }
}

export function rendered(state: State, ...objects: readonly LinkedObject[]): Event {
  return {
    type: 'render-finished',
    run: state.render.run ?? -1,
    manifests: {
      objects: objects.toSorted((a, b) => a.tier - b.tier),
      namespacesNeeded: [],
      diagnostics: [],
    },
    inputs: { files: [SOURCE.file], folders: ['/shop/k8s'], trees: [] },
  }
}
