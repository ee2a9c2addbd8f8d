// What a project as big as any costs where nothing is built: reading the config, planning, rendering 5,000 files of manifests, and telling what differs from what was
// applied last. Also at a quarter of the size, which shows whether anything grows faster than the project. Run: npx tsx bench/scale.ts

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createProcessRunner } from '../src/adapters/process/process-runner.js'
import { createManifestSource } from '../src/adapters/render/manifest-source.js'
import { loadConfig } from '../src/config/load.js'
import { announceChange, announceEvent } from '../src/core/announce.js'
import type { Event } from '../src/core/event.js'
import type { LinkedObject } from '../src/core/manifest/link.js'
import { outcome } from '../src/core/outcome.js'
import { plan } from '../src/core/plan.js'
import type { Project } from '../src/core/project.js'
import { newObject } from '../src/core/reduce/update.js'
import { reduce } from '../src/core/reduce.js'
import { deadlines, retries } from '../src/core/retry.js'
import type { State } from '../src/core/state.js'
import { type RenderInput, renderProject } from '../src/engine/effects/render.js'
import {
  applied,
  built,
  connected,
  type Given,
  loaded,
  rendered,
  scanned,
  session,
} from '../src/testing/states.js'

interface Size {
  readonly services: number
  readonly objects: number
  readonly files: number
}

const ROUNDS = 7
const FULL: Size = { services: 200, objects: 1500, files: 5000 }
const QUARTER: Size = { services: 50, objects: 375, files: 1250 }

/** A Deployment and a Service for each service, the rest ConfigMaps, a file each; the other files hold no objects, as values, dashboards and seeds do. */
async function generate(folder: string, { services, objects, files }: Size): Promise<void> {
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const names = Array.from({ length: services }, (_, at) => `service-${at}`)
  const dependency = (at: number) => (at === 0 ? '{}' : `{ dependsOn: [service-${at >> 1}] }`)
  await write(
    'dev.config.yaml',
    `name: scale\nnamespace: scale\ncluster: { kind: dev }\nservices:\n${names.map((name, at) => `  ${name}: ${dependency(at)}\n`).join('')}manifests: k8s\n`,
  )
  for (const name of names) {
    await write(`${name}/Dockerfile`, 'FROM busybox:1.35\nCOPY . /app\n')
    await write(`k8s/${name}/deployment.yaml`, deployment(name))
    await write(`k8s/${name}/service.yaml`, service(name))
  }
  const maps = objects - 2 * services
  for (let at = 0; at < maps; at++)
    await write(`k8s/maps/${at % 50}/map-${at}.yaml`, configMap(`map-${at}`, names[at % services] ?? ''))
  for (let at = 0; at < files - objects; at++) {
    const [path, content] =
      at % 2 === 0
        ? [`values-${at}.yaml`, `replicas: ${at}\nimage: { tag: v${at} }\nlabels: [a, b, c]\n`]
        : [`dashboard-${at}.json`, `{ "title": "of ${at}", "panels": [{ "id": ${at} }] }\n`]
    await write(`k8s/others/${at % 100}/${path}`, content)
  }
}

const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  replicas: 1
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: app
          image: ${name}
          ports: [{ containerPort: 3000 }]
          envFrom: [{ configMapRef: { name: map-0 } }]
          env:
            - { name: PORT, value: '3000' }
            - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
          readinessProbe: { httpGet: { path: /, port: 3000 } }
`
const service = (name: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 3000 }] }
`
const configMap = (name: string, of: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: ${name} }
data:
  url: http://${of}:3000
  note: settings of ${name}
`

/** The session in which everything was applied. */
function allApplied(project: Project, all: readonly LinkedObject[]): State {
  const objects = all.filter(({ services }) => services.length > 0)
  const settle = (next: Given): Given => {
    let it = next.start()
    for (const { name, source, build } of Object.values(it.state.services)) {
      if (source.kind === 'scanning') it = it.do(scanned(it.state, name, name))
      if (build.kind === 'building') it = it.do(built(it.state, name, name))
    }
    for (const [image, load] of Object.entries(it.state.loads))
      if (load.kind === 'loading') it = it.do(loaded(it.state, image))
    for (const [key, { apply }] of Object.entries(it.state.objects))
      if (apply.kind === 'applying') it = it.do(applied(it.state, key))
    if (it.state.cluster.kind === 'connecting') it = it.do(connected(it.state))
    if (it.state.render.run !== undefined) it = it.do(rendered(it.state, ...objects))
    return it
  }
  // What waits for a rollout is not the subject: nothing depends on anything here.
  const services = project.services.map(spec => ({ ...spec, dependsOn: [] }))
  let it = session({ ...project, services, build: { concurrency: services.length } })
  for (let before: Given['state'] | undefined; before !== it.state; ) {
    before = it.state
    it = settle(it)
  }
  const others = all.filter(({ services }) => services.length === 0)
  const there = others.map(linked => {
    const apply = {
      kind: 'applied' as const,
      version: linked.contentHash,
      uid: linked.key,
      generation: 0,
      save: 0,
      redeploys: 0,
      at: 0,
      startedAt: 0,
      outcome: 'created' as const,
    }
    return [linked.key, { linked, apply, rollout: undefined, restart: { kind: 'none' as const } }] as const
  })
  return { ...it.state, objects: { ...Object.fromEntries(there), ...it.state.objects } }
}

/**
 * What the loop itself costs while a project comes up: the objects are applied, as many at once as a plan has, and after their answers all is asked that a session asks. In
 * milliseconds; nothing waits for anything. Images are there already, and no pods are looked at.
 */
function comeUp(live: State): number {
  const objects = Object.entries(live.objects).map(([key, { linked }]) => [key, newObject(linked)] as const)
  let state: State = { ...live, objects: Object.fromEntries(objects) }
  let told = state
  let at = 1_000_000
  const step = (event: Event): void => {
    const before = state
    const stamped = { ...event, at: at++ }
    state = reduce(before, stamped)
    announceEvent(before, state, stamped)
  }
  const answers: string[] = []
  const start = performance.now()
  for (;;) {
    for (const effect of plan(state).start) {
      if (effect.type !== 'apply') continue
      const { run, key, version, save, redeploys } = effect
      step({ type: 'apply-started', run, key, version, save, redeploys })
      answers.push(key)
    }
    announceChange(told, state)
    told = state
    retries(state)
    deadlines(state)
    outcome(state)
    // What came in while the loop was busy is taken up together, as a session does it.
    const come = answers.splice(0)
    if (come.length === 0) break
    for (const key of come) step(applied(state, key))
  }
  const took = performance.now() - start
  const left = Object.values(state.objects).filter(({ apply }) => apply.kind !== 'applied')
  if (left.length > 0) throw new Error(`${left.length} objects were not applied`)
  return took
}

/** The median of some runs, in milliseconds. */
async function median(run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
}

async function measure(size: Size): Promise<Readonly<Record<string, number>>> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-scale-'))
  try {
    await generate(folder, size)
    const load = async () => {
      const config = await loadConfig({ cwd: folder, env: {} })
      if (!config.ok) throw new Error(JSON.stringify(config.error))
      return config.value
    }
    const { project } = await load()
    const input: RenderInput = {
      project,
      cluster: undefined,
      only: undefined,
      configHashKey: 'key',
      signal: new AbortController().signal,
    }
    const source = createManifestSource({ runner: createProcessRunner() })
    const render = async (from = source) => {
      const { result } = await renderProject(from, input)
      if (!result.ok) throw new Error(JSON.stringify(result.error))
      return result.value.linked.objects
    }
    const objects = await render()
    const state = allApplied(project, objects)
    const pending = Object.values(state.objects).filter(({ apply }) => apply.kind !== 'applied')
    if (pending.length > 0) throw new Error(`${pending.length} of ${objects.length} objects are not applied`)
    const due = { ...state, render: { ...state.render, run: 1_000_000 } }
    const changed = objects.map((one, at) => (at === 7 ? { ...one, contentHash: 'other' } : one))
    const difference = () => {
      const after = reduce(due, { ...rendered(due, ...changed), at: 1e9 })
      const started = plan(after).start.filter(({ type }) => type === 'apply')
      if (started.length !== 1)
        throw new Error(`${started.length} objects would be applied, not the one that changed`)
    }
    return {
      config: await median(load),
      plan: await median(() => plan({ ...state })),
      'render, first': await median(() => render(createManifestSource({ runner: createProcessRunner() }))),
      'render, again': await median(() => render()),
      difference: await median(difference),
      'come up': comeUp(state),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const quarter = await measure(QUARTER)
const full = await measure(FULL)
const name = ({ services, objects, files }: Size) =>
  `${services} services, ${objects} objects, ${files} files`
console.log(`${ROUNDS} runs each, median in ms: ${name(QUARTER)} | ${name(FULL)}`)
for (const [stage, time] of Object.entries(full)) {
  const less = quarter[stage] ?? 0
  console.log(`${stage}: ${less.toFixed(1)} | ${time.toFixed(1)} (${(time / less).toFixed(1)} ×)`)
}
