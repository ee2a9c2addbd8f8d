import type { Event } from '../core/event.js'
import type { Intent } from '../core/intent.js'
import type { LinkedObject } from '../core/manifest/link.js'
import type { Problem } from '../core/problem.js'
import type { ServiceSpec } from '../core/project.js'
import type { ObservedContainer } from '../core/rollout-observation.js'
import type { State } from '../core/state.js'
import type { TimingReport } from '../core/timings/timing-report.js'
import { container, terminated, waiting } from './rollout-fixtures.js'
import {
  applied,
  buildFailed,
  built,
  connected,
  type Given,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rollout,
  save,
  scanned,
  session,
} from './states.js'

/** States of `up` as a screen meets them, made by the events that lead there. */

const deployment = (service: string): LinkedObject =>
  linkedObject('Deployment', service, { services: [service] })

const keyOf = (name: string): string => `apps/Deployment/shop/${name}`

interface LiveOptions {
  readonly services: readonly (string | ServiceSpec)[]
  /** Deployments that run no image of ours. */
  readonly workloads?: readonly string[]
  /** Services whose Deployment is never seen to be ready. */
  readonly unready?: readonly string[]
}

/** Ends all that runs until nothing more is started. */
function settle(
  begun: Given,
  { objects, unready = [] }: { objects: readonly LinkedObject[]; unready?: readonly string[] },
): Given {
  let given = begun
  for (let round = 0; round < 1000; round++) {
    given = given.start()
    const { state } = given
    if (state.cluster.kind === 'connecting') given = given.do(connected(state))
    else if (state.render.run !== undefined) given = given.do(rendered(state, ...objects))
    else {
      const scanning = Object.values(state.services).find(({ source }) => source.kind === 'scanning')
      const building = Object.values(state.services).find(({ build }) => build.kind === 'building')
      const loading = Object.entries(state.loads).find(([, load]) => load.kind === 'loading')
      const applying = Object.entries(state.objects).find(([, { apply }]) => apply.kind === 'applying')
      const rolling = Object.entries(state.objects).find(
        ([, { apply, rollout: status, linked }]) =>
          apply.kind === 'applied' && status?.status.kind !== 'done' && !unready.includes(linked.ref.name),
      )
      if (scanning !== undefined)
        given = given.do(scanned(state, scanning.name, `${scanning.name} ${state.nextRun}`))
      else if (building !== undefined)
        given = given.do(built(state, building.name, `${building.name}${state.nextRun}`))
      else if (loading !== undefined) given = given.do(loaded(state, loading[0]))
      else if (applying !== undefined) given = given.do(appliedNow(state, applying[0]))
      else if (rolling !== undefined)
        given = given.do({ type: 'observed', observations: seen(state, rolling[0], { ready: true }) })
      else return given
    }
  }
  return given
}

/** Each save is a new generation of what it changes. */
const generationOf = (state: State): number => state.save + 1

function appliedNow(state: State, key: string): Event {
  const event = applied(state, key)
  return event.type === 'apply-finished' ? { ...event, generation: generationOf(state) } : event
}

/** All that is seen of a Deployment whose one pod runs the service's present image. */
function seen(
  state: State,
  key: string,
  { ready, over = {} }: { readonly ready: boolean; readonly over?: Partial<ObservedContainer> },
) {
  const name = key.split('/').at(-1) ?? ''
  const image = state.services[name]?.deployable?.podReference ?? `${name}:8`
  const containers = [container({ name, image, ready, started: ready, ...over })]
  return rollout(key, { ready, generation: generationOf(state), over: { containers } })
}

const namesOf = (services: LiveOptions['services']): readonly string[] =>
  services.map(service => (typeof service === 'string' ? service : service.name))

function objectsFor({ services, workloads = [] }: LiveOptions): readonly LinkedObject[] {
  return [...namesOf(services).map(deployment), ...workloads.map(name => linkedObject('Deployment', name))]
}

/** Everything as it was found is live. */
function liveGiven(options: LiveOptions): Given {
  return settle(session(projectOf(options.services)), {
    objects: objectsFor(options),
    ...(options.unready === undefined ? {} : { unready: options.unready }),
  })
}

const buildOutput = [
  'src/app.ts(3,7): error TS2322: Type string is not assignable to type number.',
  'npm error code 2',
]

const buildProblem = (service: string): Problem => ({
  kind: 'image-build-failed',
  service,
  message: 'process "/bin/sh -c npm run build" did not complete successfully: exit code: 2',
  step: 'RUN npm run build',
  range: { file: `/shop/${service}/Dockerfile`, line: 6, column: 1, endLine: 6, endColumn: 18 },
  output: [...Array.from({ length: 30 }, (_, at) => `compiling part ${at + 1}`), ...buildOutput],
})

const KOREAN_FILE = '문서/부산 여행 안내서.md'

const SHOP: LiveOptions = { services: ['auth', 'tour', 'web'], workloads: ['mysql', 'redis'] }

const given = (make: () => Given) => (): State => make().state

/** A service's container crashes: its last lines were read. */
function crashing(service: string): Given {
  const live = liveGiven(SHOP)
  const saved = settle(live.do(save(1001, service)), { objects: objectsFor(SHOP), unready: [service] })
  const failing = saved.do({
    type: 'observed',
    observations: seen(saved.state, keyOf(service), {
      ready: false,
      over: {
        restarts: 3,
        state: waiting('CrashLoopBackOff', 'back-off 40s restarting failed container'),
        lastTermination: { ...terminated(1), containerId: 'c3' },
      },
    }),
  })
  const started = failing.start()
  const [crash, run] =
    Object.entries(started.state.crashes).map(([key, { run: at }]) => [key, at] as const)[0] ?? []
  if (crash === undefined || run === undefined) throw new Error('no last lines are being read')
  return started.do({
    type: 'last-lines-read',
    run,
    crash,
    lines: [
      'listening on 3000',
      'Error: connect ECONNREFUSED 10.96.0.12:3306',
      '    at TCPConnectWrap.afterConnect',
    ],
  })
}

/** What a person asked for is done as far as it can be. */
const asked = (intent: Intent, from: Given): Given =>
  settle(from.do({ type: 'intent-given', intent }), { objects: objectsFor(SHOP) })

const saved = (from: Given, service: string): Given =>
  settle(from.do(save(1001, service)), { objects: objectsFor(SHOP) })

/** What is known of the saves of `tour`: more stages than a small terminal has room for, and advice that is longer than a row. */
const TOUR_TIMINGS: TimingReport = {
  service: 'tour',
  stages: [
    { stage: 'scan', p50: 12, p95: 40, count: 5 },
    { stage: 'build', p50: 310, p95: 420, count: 5 },
    { stage: 'load', p50: 280, p95: 460, count: 5 },
    { stage: 'apply', p50: 21, p95: 30, count: 5 },
    { stage: 'rollout', p50: 34_000, p95: 35_200, count: 5 },
    { stage: 'total', p50: 34_700, p95: 36_000, count: 5 },
  ],
  advice: [
    {
      stage: 'rollout',
      message:
        'rollout 34 s: the initial delay of the readiness probe of tour is 30 s of that; a startup probe with periodSeconds: 1 waits no longer than the program takes',
    },
    {
      stage: 'build',
      message:
        'context 1.2 GB in 40213 files, 96 % of it node_modules: add node_modules to .dockerignore, unless the image takes it from here',
    },
  ],
}

/** Every state that the screen is tried in, by name. */
export const uiStates = {
  starting: given(() => session(projectOf(SHOP.services)).start()),
  building: given(() => {
    const scanning = liveGiven(SHOP).do(save(1001, 'tour')).start()
    return scanning.do(scanned(scanning.state, 'tour', 'other')).start()
  }),
  live: given(() => saved(liveGiven(SHOP), 'tour')),
  asFound: given(() => liveGiven(SHOP)),
  timed: given(() =>
    saved(liveGiven(SHOP), 'tour').do({ type: 'timings-reported', reports: [TOUR_TIMINGS] }),
  ),
  failedBuild: given(() => {
    const scanning = liveGiven(SHOP).do(save(1001, 'tour')).start()
    const building = scanning.do(scanned(scanning.state, 'tour', 'other')).start()
    return building.do(buildFailed(building.state, 'tour', buildProblem('tour')))
  }),
  crash: given(() => crashing('tour')),
  clusterLost: given(() =>
    liveGiven(SHOP).do({
      type: 'connection-changed',
      up: false,
      message: 'connect ECONNREFUSED 127.0.0.1:6443',
    }),
  ),
  configError: given(() =>
    liveGiven(SHOP).do({
      type: 'config-rejected',
      problem: {
        kind: 'config-invalid',
        file: '/shop/dev.config.yaml',
        diagnostics: [
          {
            severity: 'error',
            message: 'unknown key "servces"',
            range: { file: '/shop/dev.config.yaml', line: 2, column: 1, endLine: 2, endColumn: 8 },
            frame: '   2 | servces:\n     | ^^^^^^^',
            suggestion: 'did you mean "services"?',
          },
        ],
      },
    }),
  ),
  noServices: given(() => liveGiven({ services: [], workloads: ['mysql'] })),
  manyServices: given(() =>
    liveGiven({
      services: Array.from({ length: 30 }, (_, at) => `service-${String(at + 1).padStart(2, '0')}`),
    }),
  ),
  longNames: given(() =>
    liveGiven({ services: ['a-service-with-a-name-that-goes-on-and-on-and-that-nobody-would-type', 'b'] }),
  ),
  korean: given(() => {
    const scanning = liveGiven(SHOP).do(save(1001, 'tour')).start()
    const scan = scanned(scanning.state, 'tour', 'other')
    return scanning.do(scan.type === 'scan-finished' ? { ...scan, changed: [KOREAN_FILE] } : scan).start()
  }),
  paused: given(() => asked({ type: 'pause', service: 'tour' }, liveGiven(SHOP))),
  scaledToZero: given(() => asked({ type: 'scale-to-zero', service: 'tour' }, liveGiven(SHOP))),
  rolledBack: given(() => asked({ type: 'rollback', service: 'tour' }, saved(liveGiven(SHOP), 'tour'))),
} satisfies Record<string, () => State>
