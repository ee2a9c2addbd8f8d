import { join } from 'node:path'
import type { KubeObject } from '../../core/kube-object.js'
import { stringOf } from '../../core/manifest/fields.js'
import { resolveContainer } from '../../core/process/resolve-container.js'
import { planVolumes } from '../../core/process/volumes.js'
import { err, ok, type Result } from '../../core/result.js'
import type { NodeTools } from './node-tools.js'
import type { PodPorts } from './pod-ports.js'
import { writeVolumes } from './pod-volumes.js'

/** What a container runs as on this machine. */
export interface Prepared {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stopSignal: NodeJS.Signals
  /** What is otherwise than the manifest says, one line each. */
  readonly notes: readonly string[]
}

/** A container that was prepared, in one of its runs. */
export interface PreparedRun extends Prepared {
  /** Carried by all that comes of this run: its program, and what is run beside it. */
  readonly mark: string
}

/** Why a container cannot be started, as the reason and message of its waiting state. */
export interface Unprepared {
  readonly reason: 'NeedsCluster' | 'CreateContainerConfigError' | 'CreateContainerError'
  readonly message: string
}

/** Reads everything that a run of a container is made of. */
export async function prepareContainer(
  { imageOf, services, store, machine, volumes }: NodeTools,
  {
    pod,
    spec,
    ports,
  }: {
    readonly pod: KubeObject
    readonly spec: Readonly<Record<string, unknown>>
    readonly ports: PodPorts
  },
): Promise<Result<Prepared, Unprepared>> {
  const reference = stringOf(spec.image) ?? ''
  const image = imageOf(reference)
  if (image === undefined) return err({ reason: 'NeedsCluster', message: needsCluster(reference) })
  const { namespace = 'default', uid = '' } = pod.metadata
  const find = (kind: 'ConfigMap' | 'Secret', name: string) =>
    store.get({ apiVersion: 'v1', kind, namespace, name })
  const [addresses] = await Promise.all([services(), ports.prepare()])
  const planned = planVolumes({ pod, container: spec, objects: find, services: addresses })
  if (!planned.ok) return planned
  const mounts = await writeVolumes(planned.value, stringOf(spec.name) ?? '', {
    pod: join(volumes.pods, uid),
    claims: join(volumes.claims, namespace),
  })
  const resolved = resolveContainer({
    pod,
    container: spec,
    image,
    objects: find,
    services: addresses,
    ports: new Map(ports.assigned().map(({ containerPort, local }) => [containerPort, local])),
    mounts,
    machine,
  })
  if (!resolved.ok) return resolved
  const { argv, cwd, env, rewritten, notes } = resolved.value
  return ok({
    argv,
    cwd,
    env,
    stopSignal: image.stopSignal as NodeJS.Signals,
    notes: [...rewritten.map(({ name, from, to }) => `${name}: ${from} is ${to} here`), ...notes],
  })
}

function needsCluster(reference: string): string {
  return `${reference} is built by no service here, and cluster.process.images has no command for it`
}
