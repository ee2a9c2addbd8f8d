import { apiGroup, displayRef, type KubeObject, type ObjectRef, refOf } from '../../core/kube-object.js'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type {
  ApiResource,
  ApplyOptions,
  Cluster,
  ClusterIdentity,
  DeleteOptions,
  Deletion,
} from '../../ports/cluster.js'
import { parseStatus, readRefusal, refusalOf } from './api-status.js'
import { awaitGone } from './await-gone.js'
import { discoverResources } from './discovery.js'
import type { KubeHttp } from './http-client.js'
import { collectionPath, objectPath } from './resource-path.js'

const PAGE = 500
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** The API server of one context. Kinds are asked for once, and again when one is missing: a CRD may have come since. */
export function createCluster(http: KubeHttp): Cluster {
  let known: Promise<Result<readonly ApiResource[]>> | undefined

  const discover: Cluster['discover'] = async (options = { refresh: false }) => {
    if (options.refresh) known = undefined
    known ??= discoverResources(http)
    const resources = await known
    if (!resources.ok) known = undefined
    return resources
  }

  /** The resource that serves a reference: its own version, or for a reference of an older one, undefined. */
  async function resourceOf(
    ref: Pick<ObjectRef, 'apiVersion' | 'kind'>,
  ): Promise<Result<ApiResource | undefined>> {
    const isMatch = (resource: ApiResource) =>
      resource.apiVersion === ref.apiVersion && resource.kind === ref.kind
    const resources = await discover()
    if (!resources.ok) return resources
    const found = resources.value.find(isMatch)
    if (found !== undefined) return ok(found)
    const fresh = await discover({ refresh: true })
    return fresh.ok ? ok(fresh.value.find(isMatch)) : fresh
  }

  return {
    discover,
    close: () => http.close(),
    identity: signal => identity(http, signal),

    get: async (ref, signal) => {
      const resource = await resourceOf(ref)
      if (!resource.ok) return resource
      if (resource.value === undefined) return ok(undefined)
      const response = await http.request({
        method: 'GET',
        path: objectPath(resource.value, ref.namespace, ref.name),
        ...(signal === undefined ? {} : { signal }),
      })
      if (!response.ok) return response
      const { status, body } = response.value
      if (status === 404) return ok(undefined)
      return status === 200
        ? ok(JSON.parse(body) as KubeObject)
        : err(readRefusal(http.context, displayRef(ref), status, body))
    },

    list: (resource, options = {}) => list(http, resource, options),

    apply: async (object, options) => {
      const ref = refOf(object)
      const resource = await resourceOf(ref)
      if (!resource.ok) return resource
      if (resource.value === undefined) return err(noSuchKind(ref, options))
      const query = new URLSearchParams({
        fieldManager: options.fieldManager,
        force: String(options.force),
        fieldValidation: 'Strict',
        ...(options.dryRun === true ? { dryRun: 'All' } : {}),
      })
      const response = await http.request({
        method: 'PATCH',
        path: `${objectPath(resource.value, ref.namespace, ref.name)}?${query}`,
        contentType: 'application/apply-patch+yaml',
        body: object,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
      if (!response.ok) return response
      const { status, body, warnings } = response.value
      if (status !== 200 && status !== 201) {
        return err(
          refusalOf({
            ref,
            status,
            body,
            ...(options.source === undefined ? {} : { source: options.source }),
          }),
        )
      }
      return ok({ object: JSON.parse(body) as KubeObject, created: status === 201, warnings })
    },

    replace: async (object, fieldManager) => {
      const ref = refOf(object)
      const resource = await resourceOf(ref)
      if (!resource.ok) return resource
      if (resource.value === undefined) return err(noSuchKind(ref, {}))
      const response = await http.request({
        method: 'PUT',
        path: `${objectPath(resource.value, ref.namespace, ref.name)}?${new URLSearchParams({ fieldManager })}`,
        body: object,
        idempotent: false,
      })
      if (!response.ok) return response
      const { status, body } = response.value
      return status === 200 || status === 201
        ? ok(JSON.parse(body) as KubeObject)
        : err(refusalOf({ ref, status, body }))
    },

    delete: async (ref, options) => {
      const resource = await resourceOf(ref)
      if (!resource.ok) return resource
      return resource.value === undefined ? ok('absent') : remove(http, resource.value, ref, options)
    },
  }
}

async function identity(http: KubeHttp, signal?: AbortSignal): Promise<Result<ClusterIdentity>> {
  const until = signal === undefined ? {} : { signal }
  const [connection, system, version] = await Promise.all([
    http.connection(),
    http.request({ method: 'GET', path: '/api/v1/namespaces/kube-system', ...until }),
    http.request({ method: 'GET', path: '/version', ...until }),
  ])
  if (!connection.ok) return connection
  if (!system.ok) return system
  if (!version.ok) return version
  if (system.value.status !== 200) {
    return err(readRefusal(http.context, 'namespace/kube-system', system.value.status, system.value.body))
  }
  const { metadata } = JSON.parse(system.value.body) as KubeObject
  const { gitVersion } = (version.value.status === 200 ? JSON.parse(version.value.body) : {}) as {
    gitVersion?: string
  }
  return ok({
    context: http.context,
    server: connection.value.server,
    uid: metadata.uid ?? '',
    version: gitVersion ?? 'unknown',
  })
}

async function list(
  http: KubeHttp,
  resource: ApiResource,
  { namespace, labelSelector, metadataOnly }: NonNullable<Parameters<Cluster['list']>[1]>,
): Promise<Result<readonly KubeObject[]>> {
  const objects: KubeObject[] = []
  let next: string | undefined
  do {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(next === undefined ? {} : { continue: next }),
    })
    const response = await http.request({
      method: 'GET',
      path: `${collectionPath(resource, namespace)}?${query}`,
      ...(metadataOnly === true ? { accept: METADATA_LIST } : {}),
    })
    if (!response.ok) return response
    const { status, body } = response.value
    // The page's token is too old: begin again, for what was read may be of another time.
    if (status === 410 && next !== undefined) {
      objects.length = 0
      next = undefined
      continue
    }
    if (status === 404) return ok([])
    if (status !== 200) return err(readRefusal(http.context, resource.plural, status, body))
    const page = JSON.parse(body) as {
      items?: readonly KubeObject[] | null
      metadata?: { continue?: string }
    }
    // Items of a list leave out what the list says.
    for (const item of page.items ?? [])
      objects.push({ ...item, apiVersion: resource.apiVersion, kind: resource.kind })
    next = page.metadata?.continue || undefined
  } while (next !== undefined)
  return ok(objects)
}

async function remove(
  http: KubeHttp,
  resource: ApiResource,
  ref: ObjectRef,
  options: DeleteOptions,
): Promise<Result<Deletion>> {
  const signal = options.signal === undefined ? {} : { signal: options.signal }
  const path = objectPath(resource, ref.namespace, ref.name)
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: options.propagation,
    preconditions: { uid: options.uid },
  }
  const response = await http.request({ method: 'DELETE', path, body, ...signal })
  if (!response.ok) return response
  const { status, body: answer } = response.value
  // Gone, or another object under the same name: ours is no more.
  if (
    status === 404 ||
    (status === 409 &&
      /precondition failed|UID in the precondition/i.test(parseStatus(answer)?.message ?? ''))
  )
    return ok('absent')
  if (status !== 200 && status !== 202) {
    const message = parseStatus(answer)?.message ?? `the API server answered ${status}`
    return err({ kind: 'delete-failed', object: displayRef(ref), message })
  }
  if (!options.wait) return ok('deleted')
  const gone = await awaitGone(http, resource, { ref, uid: options.uid, ...signal })
  if (!gone.ok) return gone
  return options.signal?.aborted === true ? err(cancelled) : ok('deleted')
}

function noSuchKind(ref: ObjectRef, { source }: Pick<ApplyOptions, 'source'>) {
  return {
    kind: 'apply-rejected' as const,
    object: displayRef(ref),
    ...(source === undefined ? {} : { source }),
    reason: 'no-such-kind' as const,
    message: `the cluster serves no kind ${ref.kind} in ${apiGroup(ref.apiVersion) === '' ? 'the core group' : ref.apiVersion}`,
    fields: [],
  }
}
