import { apiGroup, type KubeObject, refKey, refOf } from '../core/kube-object.js'
import { hasFixedFields, immutableChanges } from '../core/lint/immutable-changes.js'
import type { LintFinding, MissingObject } from '../core/lint/lint-finding.js'
import { lintManifests } from '../core/lint/lint-manifests.js'
import type { LinkedObject } from '../core/manifest/link.js'
import type { Diagnostic } from '../core/problem.js'
import type { ServiceSpec } from '../core/project.js'
import type { ApiResource, Cluster } from '../ports/cluster.js'
import type { FieldLocator } from '../ports/field-locator.js'
import { placeFinding } from './place-finding.js'

/**
 * What is most likely not meant in the manifests, with what the cluster has of it: an object that somebody made by hand is there, and what cannot change is
 * told before it fails. Each kind is listed once for each namespace; what may not be read is passed over.
 */
export async function lintWithCluster(
  cluster: Cluster,
  {
    objects,
    services,
    locateField,
  }: {
    readonly objects: readonly LinkedObject[]
    readonly services: readonly ServiceSpec[]
    readonly locateField: FieldLocator | undefined
  },
): Promise<readonly Diagnostic[]> {
  const findings = lintManifests({ objects, services, connected: true })
  const fixed = objects.filter(hasFixedFields)
  const wanted = [
    ...fixed.map(({ ref }) => ref),
    ...findings.flatMap(({ missing }) => (missing === undefined ? [] : [refOfMissing(missing)])),
  ]
  const live = await liveObjects(cluster, wanted)
  const found = [
    ...findings.filter(({ missing }) => missing === undefined || !live.has(refKey(refOfMissing(missing)))),
    ...fixed.flatMap((object): readonly LintFinding[] => {
      const present = live.get(object.key)
      return present === undefined ? [] : immutableChanges(object, present)
    }),
  ]
  return Promise.all(found.map(finding => placeFinding(finding, locateField)))
}

function refOfMissing({ kind, namespace, name }: MissingObject) {
  return { apiVersion: 'v1', kind, namespace, name }
}

async function liveObjects(
  cluster: Cluster,
  refs: readonly ReturnType<typeof refOf>[],
): Promise<ReadonlyMap<string, KubeObject>> {
  const resources = await cluster.discover()
  if (!resources.ok) return new Map()
  const lists = new Map<string, { readonly resource: ApiResource; readonly namespace: string }>()
  for (const { apiVersion, kind, namespace } of refs) {
    const resource = resources.value.find(known => known.apiVersion === apiVersion && known.kind === kind)
    if (resource === undefined || namespace === undefined) continue
    lists.set(`${apiVersion}/${kind}/${namespace}`, { resource, namespace })
  }
  const listed = await Promise.all(
    [...lists.values()].map(async ({ resource, namespace }) => {
      // Of Secrets and the like only the names count; their values are nobody's business here.
      const metadataOnly = apiGroup(resource.apiVersion) === '' && !SPECS.includes(resource.kind)
      const objects = await cluster.list(resource, { namespace, metadataOnly })
      return objects.ok ? objects.value : []
    }),
  )
  return new Map(listed.flat().map(object => [refKey(refOf(object)), object]))
}

const SPECS: readonly string[] = ['Service', 'PersistentVolumeClaim']
