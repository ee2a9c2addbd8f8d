import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ApiResource } from '../../ports/cluster.js'
import type { KubeHttp } from './http-client.js'

const AGGREGATED = ['v2', 'v2beta1']
  .map(version => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',')

interface AggregatedList {
  readonly kind?: string
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string }
    readonly versions?: readonly {
      readonly version?: string
      readonly resources?: readonly {
        readonly resource?: string
        readonly scope?: string
        readonly responseKind?: { readonly kind?: string; readonly group?: string; readonly version?: string }
        readonly verbs?: readonly string[]
      }[]
    }[]
  }[]
}

/** Every kind that the API server serves, in its order: preferred versions first. A group that cannot be read is left out. */
export async function discoverResources(http: KubeHttp): Promise<Result<readonly ApiResource[]>> {
  const found: ApiResource[] = []
  for (const path of ['/api', '/apis']) {
    const response = await http.request({ method: 'GET', path, accept: AGGREGATED })
    if (!response.ok) return response
    const { status, body } = response.value
    if (status !== 200) return err(unreachable(http, `GET ${path} answered ${status}`))
    const document = parse(body)
    if (isAggregated(document)) found.push(...resourcesOf(document))
    else found.push(...(await legacyResources(http, path, document)))
  }
  return ok(found)
}

function resourcesOf({ items = [] }: AggregatedList): readonly ApiResource[] {
  return items.flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version = '', resources = [] }) =>
      resources.flatMap(({ resource, scope, responseKind, verbs = [] }) =>
        resource === undefined || responseKind?.kind === undefined
          ? []
          : [
              {
                apiVersion: apiVersionOf(metadata?.name ?? '', version),
                kind: responseKind.kind,
                plural: resource,
                namespaced: scope === 'Namespaced',
                verbs,
              },
            ],
      ),
    ),
  )
}

interface LegacyList {
  readonly versions?: readonly string[]
  readonly groups?: readonly { readonly versions?: readonly { readonly groupVersion?: string }[] }[]
}

interface LegacyResources {
  readonly resources?: readonly {
    readonly name?: string
    readonly kind?: string
    readonly namespaced?: boolean
    readonly verbs?: readonly string[]
  }[]
}

/** For servers before 1.26, which do not aggregate: one request for each group and version. */
async function legacyResources(
  http: KubeHttp,
  root: string,
  document: unknown,
): Promise<readonly ApiResource[]> {
  const { versions = [], groups = [] } = (document ?? {}) as LegacyList
  const groupVersions = [
    ...versions,
    ...groups.flatMap(group => (group.versions ?? []).map(({ groupVersion }) => groupVersion ?? '')),
  ]
  const lists = await Promise.all(
    groupVersions.map(async apiVersion => {
      const response = await http.request({ method: 'GET', path: `${root}/${apiVersion}` })
      if (!response.ok || response.value.status !== 200) return []
      const { resources = [] } = (parse(response.value.body) ?? {}) as LegacyResources
      return resources.flatMap(({ name, kind, namespaced, verbs = [] }) =>
        name === undefined || kind === undefined || name.includes('/')
          ? []
          : [{ apiVersion, kind, plural: name, namespaced: namespaced === true, verbs }],
      )
    }),
  )
  return lists.flat()
}

function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

function isAggregated(document: unknown): document is AggregatedList {
  return (
    typeof document === 'object' &&
    document !== null &&
    (document as AggregatedList).kind === 'APIGroupDiscoveryList'
  )
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function unreachable(http: KubeHttp, message: string): Problem {
  return { kind: 'cluster-unreachable', context: http.context, message }
}
