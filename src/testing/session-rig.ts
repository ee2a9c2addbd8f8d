import type { Announcement } from '../core/announcement.js'
import { type KubeObject, refKey, refOf } from '../core/kube-object.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import type { Observation } from '../core/rollout-observation.js'
import type { Mode, State } from '../core/state.js'
import { type Session, startSession } from '../engine/session.js'
import type { ManifestSource } from '../ports/manifest-source.js'
import { createFakeClock } from './fake-clock.js'
import { createFakeCluster } from './fake-cluster.js'
import { createFakeFileWatcher } from './fake-file-watcher.js'
import { createFakeImageBuilder } from './fake-image-builder.js'
import { createFakeImageLoader } from './fake-image-loader.js'
import { createFakeImageCache, createFakeJournal } from './fake-journal.js'
import { createFakeSourceTree } from './fake-source-tree.js'
import { rollout, SOURCE, upMode } from './states.js'

/** A Deployment of one container with a readiness probe, as a manifest has it. */
export function deploymentOf(name: string, image: string): KubeObject {
  const container = { name, image, readinessProbe: { httpGet: { path: '/', port: 3000 } } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { template: { spec: { containers: [container] } } },
  }
}

/** How long a test waits for a state before it says what the state is instead. */
const PATIENCE = 3000

/** A session of fakes. Nothing happens in it that the test does not bring about. */
export async function createRig(
  project: Project,
  {
    mode = upMode,
    manifests = [],
  }: { readonly mode?: Mode; readonly manifests?: readonly KubeObject[] } = {},
) {
  const clock = createFakeClock()
  const builder = createFakeImageBuilder()
  const loader = createFakeImageLoader()
  const cluster = createFakeCluster()
  const journal = createFakeJournal()
  const watcher = createFakeFileWatcher()
  const tree = createFakeSourceTree(
    Object.fromEntries(project.services.map(({ context, name }) => [`${context}/main.go`, `${name} 0`])),
  )
  const told: Announcement[] = []
  const sinks = new Map<string, (observation: Observation) => void>()
  const followed = new Map<string, (name: string) => void>()
  const rig = {
    manifests,
    config: project as Project,
    rollsOut: true,
    endpoints: (_target: string): Result<void, string> => ok(undefined),
  }
  const source: ManifestSource = {
    render: async () => ({
      inputs: { files: [SOURCE.file], folders: ['/shop/k8s'], trees: [] },
      result: ok({
        objects: rig.manifests.map(object => ({ object, source: SOURCE })),
        roots: [],
        skipped: [],
        warnings: [],
      }),
    }),
  }
  const see = (object: KubeObject, ready: boolean): void => {
    const { uid = '', generation = 0, namespace = '' } = object.metadata
    for (const observation of rollout(refKey(refOf(object)), { ready, generation, uid }))
      sinks.get(namespace)?.(observation)
  }
  cluster.onApplied = object => {
    if (object.kind === 'Deployment' && rig.rollsOut) setImmediate(() => see(object, true))
  }
  const started: Result<Session> = await startSession({
    project,
    mode,
    tools: {
      builder,
      tree,
      manifests: source,
      images: createFakeImageCache(),
      clock,
      configHashKey: 'key',
      deploy: mode.deploy
        ? {
            provider: {
              kind: 'kind',
              contextName: 'kind-dev',
              exists: async () => ok(true),
              verify: async () => ok(undefined),
              create: async () => ok(undefined),
              delete: async () => ok(undefined),
              hostAddress: async () => ({ kind: 'known', address: '127.0.0.1' }),
              loader: () => loader,
            },
            access: {
              cluster,
              observer: {
                follow: (kind, seen, signal) => {
                  followed.set(kind.kind, seen)
                  signal.addEventListener('abort', () => followed.delete(kind.kind))
                },
                track: () => {},
                observe: (namespace, sink, signal) => {
                  sinks.set(namespace, sink)
                  signal.addEventListener('abort', () => {
                    if (sinks.get(namespace) === sink) sinks.delete(namespace)
                  })
                },
              },
              probe: { probe: async ({ target }) => rig.endpoints(target) },
              logs: { follow: async () => {}, tail: async () => ['last words'] },
              forward: { open: async () => err({ kind: 'forward-refused', message: 'no pods here' }) },
              close: () => {},
            },
            loader,
            journal,
            create: false,
          }
        : undefined,
      watcher,
      tell: announcement => told.push(announcement),
    },
    reloadConfig: async () => ok({ project: rig.config, warnings: [] }),
  })
  if (!started.ok) throw new Error(JSON.stringify(started.error))
  const session = started.value

  /** Resolves as soon as it is so; looks after every turn of the event loop. */
  const until = async (what: string, fits: (state: State) => boolean): Promise<State> => {
    const deadline = Date.now() + PATIENCE
    while (!fits(session.getState())) {
      if (Date.now() > deadline)
        throw new Error(`not ${what}: ${JSON.stringify(summary(session.getState()))}`)
      await new Promise(setImmediate)
    }
    return session.getState()
  }

  return {
    ...{
      session,
      clock,
      builder,
      loader,
      cluster,
      journal,
      watcher,
      tree,
      told,
      sinks,
      followed,
      see,
      until,
    },
    /** The parts of the project that a test changes under the session: what manifests and config say, and whether Deployments become ready. */
    project: rig,
    /** Writes files and tells the watcher of them as one batch. */
    save: (files: Readonly<Record<string, string>>): void => {
      for (const [path, text] of Object.entries(files)) tree.files.set(path, text)
      clock.advance(1)
      watcher.push(clock.now(), ...Object.keys(files))
    },
    /** The build of a service that is under way. */
    build: async (service: string) => {
      const find = () => builder.held.find(({ request }) => request.service.name === service)
      await until(`building ${service}`, () => find() !== undefined)
      const held = find()
      if (held === undefined) throw new Error(`no build of ${service}`)
      return held
    },
    live: (service: string, save: number) =>
      until(`live ${service} ${save}`, state => state.services[service]?.ledger.liveSave === save),
    connection: (up: boolean): void => {
      for (const sink of sinks.values()) sink({ type: 'connection', up, message: up ? '' : 'reset' })
    },
  }
}

export type Rig = Awaited<ReturnType<typeof createRig>>

function summary({ cluster, engine, services, objects, render, loads, bugs }: State) {
  return {
    cluster: cluster.kind,
    engine: engine.kind,
    render: [render.due, render.run, render.problem],
    services: Object.values(services).map(({ name, source, build, image, ledger, pending }) => ({
      name,
      source: source.kind,
      build: build.kind,
      image: image?.reference,
      ledger,
      pending,
    })),
    objects: Object.entries(objects).map(([key, { apply, rollout: seen }]) => [
      key,
      apply.kind,
      seen?.status.message,
    ]),
    loads: Object.entries(loads).map(([image, { kind }]) => [image, kind]),
    bugs,
  }
}
