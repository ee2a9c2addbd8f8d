import { servedKinds } from '../../core/embedded/served-kinds.js'
import { apiGroup, displayRef, type KubeObject, type ObjectRef, refOf } from '../../core/kube-object.js'
import { textMapAt } from '../../core/observe/fields.js'
import { type ApplyRejected, cancelled, type Problem, type SourceRange } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { ApiResource, Cluster, ClusterIdentity } from '../../ports/cluster.js'
import type { Deletion } from './deletion.js'
import type { ObjectStore, StoreRefusal } from './object-store.js'

const DEFINITIONS = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }

/** The API server of an embedded cluster: the same answers, out of this process's memory. */
export function createEmbeddedCluster(options: {
  readonly store: ObjectStore
  readonly deletion: Deletion
  readonly identity: ClusterIdentity
}): Cluster {
  const { store, deletion, identity } = options

  const kinds = () => servedKinds(store.list(DEFINITIONS))
  const kindOf = ({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>) =>
    kinds().find(one => one.apiVersion === apiVersion && one.kind === kind)

  const missingNamespace = ({ metadata: { namespace } }: KubeObject): boolean =>
    namespace !== undefined &&
    store.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }) === undefined

  return {
    identity: async () => ok(identity),
    discover: async () =>
      ok(
        kinds().map(
          (kind): ApiResource => ({
            ...kind,
            verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
          }),
        ),
      ),
    get: async ref => ok(kindOf(ref) === undefined ? undefined : store.get(ref)),
    list: async (resource, { namespace, labelSelector } = {}) =>
      ok(store.list(resource, namespace).filter(object => matches(object, labelSelector))),

    apply: async (object, { fieldManager, force, dryRun, source, signal }) => {
      if (signal?.aborted === true) return err(cancelled)
      const ref = refOf(object)
      const reject = rejection(ref, source)
      if (kindOf(ref) === undefined) {
        const group = apiGroup(ref.apiVersion) === '' ? 'the core group' : ref.apiVersion
        return err(reject('no-such-kind', `the cluster serves no kind ${ref.kind} in ${group}`))
      }
      const { namespace } = object.metadata
      if (missingNamespace(object))
        return err(reject('namespace', `namespaces "${namespace ?? ''}" not found`, { status: 404 }))
      const applied = store.apply(object, {
        fieldManager,
        force,
        ...(dryRun === undefined ? {} : { dryRun }),
      })
      return applied.ok ? ok(applied.value) : err(problemOf(applied.error, ref, source))
    },

    replace: async (object, fieldManager) => {
      const replaced = store.replace(object, fieldManager)
      return replaced.ok ? ok(replaced.value) : err(problemOf(replaced.error, refOf(object), undefined))
    },

    delete: async (ref, { uid, propagation, signal, wait }) => {
      const object = store.get(ref)
      if (object === undefined || object.metadata.uid !== uid) return ok('absent')
      deletion.request(object, propagation)
      if (!wait) return ok('deleted')
      await deletion.gone(object, signal)
      return signal?.aborted === true ? err(cancelled) : ok('deleted')
    },

    close: () => {},
  }
}

function rejection(ref: ObjectRef, source: SourceRange | undefined) {
  return (
    reason: ApplyRejected['reason'],
    message: string,
    more: { readonly status?: number; readonly fields?: readonly string[] } = {},
  ): ApplyRejected => ({
    kind: 'apply-rejected',
    object: displayRef(ref),
    ...(source === undefined ? {} : { source }),
    reason,
    message,
    fields: more.fields ?? [],
    ...(more.status === undefined ? {} : { status: more.status }),
  })
}

function problemOf(refusal: StoreRefusal, ref: ObjectRef, source: SourceRange | undefined): Problem {
  const reject = rejection(ref, source)
  switch (refusal.kind) {
    case 'conflict':
      return {
        kind: 'apply-conflict',
        object: displayRef(ref),
        ...(source === undefined ? {} : { source }),
        conflicts: refusal.conflicts,
      }
    case 'moved':
      return reject('other', 'the object has been modified; read it again and try again', { status: 409 })
    case 'immutable':
      return reject('immutable', `${refusal.field}: field is immutable`, {
        status: 422,
        fields: [refusal.field],
      })
  }
}

/** Label selectors of equality and existence: those that are asked for here. */
function matches(object: KubeObject, selector: string | undefined): boolean {
  if (selector === undefined || selector === '') return true
  const labels = textMapAt(object, 'metadata', 'labels')
  return selector.split(',').every(part => {
    const [, name = '', operator, value = ''] = /^\s*(!?[^=!\s]+)\s*(==?|!=)?\s*(.*?)\s*$/.exec(part) ?? []
    if (operator === undefined)
      return name.startsWith('!') ? labels[name.slice(1)] === undefined : labels[name] !== undefined
    return (labels[name] === value) === (operator !== '!=')
  })
}
