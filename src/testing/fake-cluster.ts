import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { displayRef, type KubeObject, type ObjectRef, refKey, refOf } from '../core/kube-object.js'
import { cancelled, type Problem } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { ApiResource, Applied, Cluster } from '../ports/cluster.js'

export interface FakeCluster extends Cluster {
  readonly objects: Map<string, KubeObject>
  /** UID of the cluster; another one is another cluster of the same name. */
  uid: string
  /** Every call fails with it for as long as it is set. */
  down: Problem | undefined
  /** Applies that wait, oldest first; empty while `hold` is off. */
  readonly held: readonly { readonly object: KubeObject; release(): void }[]
  hold: boolean
  /** What an apply of this object is refused with; asked for every apply. */
  refuse: (object: KubeObject) => Problem | undefined
  /** Objects as they were sent, in turn. */
  readonly applied: KubeObject[]
  /** Called with what an apply has written. */
  onApplied: (object: KubeObject) => void
  /** Forgets every object, and is another cluster from then on. */
  recreate(uid: string): void
}

type Fields = Map<string, unknown>

const KINDS: readonly (readonly [string, string, string, boolean])[] = [
  ['v1', 'Namespace', 'namespaces', false],
  ['v1', 'ConfigMap', 'configmaps', true],
  ['v1', 'Secret', 'secrets', true],
  ['v1', 'Service', 'services', true],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', true],
  ['apps/v1', 'Deployment', 'deployments', true],
  ['apps/v1', 'ReplicaSet', 'replicasets', true],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses', true],
]

/** An API server in memory. Maps merge and belong leaf by leaf to who set them; a list is one value. */
export function createFakeCluster(): FakeCluster {
  const objects = new Map<string, KubeObject>()
  /** By object, then manager: the leaves that it set. */
  const owned = new Map<string, Map<string, Fields>>()
  const held: { readonly object: KubeObject; release(): void }[] = []
  let version = 0

  const answer = async <T>(compute: () => Result<T>): Promise<Result<T>> =>
    fake.down === undefined ? compute() : err(fake.down)

  const write = (
    object: KubeObject,
    { fieldManager, force }: { readonly fieldManager: string; readonly force: boolean },
  ): Result<Applied> => {
    const key = refKey(refOf(object))
    const before = objects.get(key)
    const refused = fake.refuse(object)
    if (refused !== undefined) return err(refused)
    const { uid, resourceVersion } = object.metadata
    const isMoved =
      (uid !== undefined && uid !== before?.metadata.uid) ||
      (resourceVersion !== undefined && resourceVersion !== before?.metadata.resourceVersion)
    if (isMoved) return err(rejected(object, 409, 'the object has been modified'))
    const managers = owned.get(key) ?? new Map<string, Fields>()
    const fields = leavesOf(object)
    const conflicts = [...managers].flatMap(([manager, theirs]) =>
      manager === fieldManager
        ? []
        : [...fields]
            .filter(([path, value]) => theirs.has(path) && !isDeepStrictEqual(theirs.get(path), value))
            .map(([path]) => ({ manager, field: `.${JSON.parse(path).join('.')}` })),
    )
    if (conflicts.length > 0 && !force)
      return err({ kind: 'apply-conflict', object: displayRef(refOf(object)), conflicts })
    for (const [manager, theirs] of managers)
      if (manager !== fieldManager)
        for (const [path, value] of fields)
          if (!isDeepStrictEqual(theirs.get(path), value)) theirs.delete(path)
    managers.set(fieldManager, fields)
    owned.set(key, managers)
    const content = buildObject(managers)
    const isSame = before !== undefined && isDeepStrictEqual(withoutServerFields(before), content)
    version += isSame ? 0 : 1
    const isNewSpec = before === undefined || !isDeepStrictEqual(before.spec, content.spec)
    const made: KubeObject = isSame
      ? before
      : {
          ...content,
          metadata: {
            ...content.metadata,
            uid: before?.metadata.uid ?? randomUUID(),
            resourceVersion: `${version}`,
            generation: (before?.metadata.generation ?? 0) + Number(isNewSpec),
          },
        }
    objects.set(key, made)
    fake.onApplied(made)
    return ok({ object: made, created: before === undefined, warnings: [] })
  }

  const fake: FakeCluster = {
    objects,
    uid: 'cluster-1',
    down: undefined,
    held,
    hold: false,
    refuse: () => undefined,
    applied: [],
    onApplied: () => {},
    recreate: uid => {
      objects.clear()
      owned.clear()
      fake.uid = uid
    },
    identity: () =>
      answer(() =>
        ok({ context: 'kind-dev', server: 'https://127.0.0.1:6443', uid: fake.uid, version: 'v1.34.0' }),
      ),
    discover: () =>
      answer(() =>
        ok(
          KINDS.map(
            ([apiVersion, kind, plural, namespaced]): ApiResource => ({
              apiVersion,
              kind,
              plural,
              namespaced,
              verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
            }),
          ),
        ),
      ),
    get: ref => answer(() => ok(objects.get(refKey(ref)))),
    list: ({ apiVersion, kind }, options) =>
      answer(() =>
        ok(
          [...objects.values()].filter(
            object =>
              object.apiVersion === apiVersion &&
              object.kind === kind &&
              (options?.namespace === undefined || object.metadata.namespace === options.namespace),
          ),
        ),
      ),
    apply: async (object, options) => {
      fake.applied.push(object)
      if (fake.hold) {
        const isReleased = await new Promise<boolean>(resolve => {
          const call = {
            object,
            release: () => {
              held.splice(held.indexOf(call), 1)
              resolve(options.signal?.aborted !== true)
            },
          }
          held.push(call)
          options.signal?.addEventListener('abort', () => call.release(), { once: true })
        })
        if (!isReleased) return err(cancelled)
      }
      return answer(() => write(object, options))
    },
    replace: object =>
      answer(() => {
        objects.set(refKey(refOf(object)), object)
        return ok(object)
      }),
    delete: (ref: ObjectRef, { uid }) =>
      answer(() => {
        const key = refKey(ref)
        if (objects.get(key)?.metadata.uid !== uid) return ok('absent' as const)
        objects.delete(key)
        owned.delete(key)
        return ok('deleted' as const)
      }),
    close: () => {},
  }
  return fake
}

function rejected(object: KubeObject, status: number, message: string): Problem {
  return {
    kind: 'apply-rejected',
    object: displayRef(refOf(object)),
    reason: 'other',
    status,
    message,
    fields: [],
  }
}

/** Fields that the server sets itself. */
const SERVER_FIELDS: readonly string[] = ['uid', 'resourceVersion', 'generation']

function withoutServerFields({ metadata, ...rest }: KubeObject): KubeObject {
  const kept = Object.entries(metadata).filter(([name]) => !SERVER_FIELDS.includes(name))
  return { ...rest, metadata: Object.fromEntries(kept) } as KubeObject
}

function leavesOf(object: KubeObject): Fields {
  const leaves: Fields = new Map()
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, child] of Object.entries(value)) visit(child, [...path, name])
      return
    }
    leaves.set(JSON.stringify(path), value)
  }
  visit(withoutServerFields(object), [])
  return leaves
}

function buildObject(managers: ReadonlyMap<string, Fields>): KubeObject {
  const root: Record<string, unknown> = {}
  for (const fields of managers.values()) {
    for (const [path, value] of fields) {
      const names = JSON.parse(path) as readonly string[]
      let node = root
      for (const name of names.slice(0, -1)) {
        node[name] ??= {}
        node = node[name] as Record<string, unknown>
      }
      node[names.at(-1) ?? ''] = value
    }
  }
  return root as unknown as KubeObject
}
