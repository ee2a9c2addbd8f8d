import type { KubeObject, ObjectRef } from '../../core/kube-object.js'
import { heldBy, isForeground, remains, SLOW_TO_GO, waitingToGo } from '../../core/ownership/held-by.js'
import type { Clock } from '../../ports/clock.js'
import type { ApiResource, Cluster } from '../../ports/cluster.js'
import { contentsOf } from './contents.js'

const podResource: ApiResource = {
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  verbs: ['list'],
}

/** What an object that is being deleted waits for: what is left below it, and what it says itself. For people. */
export async function holdersOf(cluster: Cluster, object: KubeObject): Promise<readonly string[]> {
  return [...remains(await leftBelow(cluster, object)), ...heldBy(object)]
}

async function leftBelow(cluster: Cluster, object: KubeObject): Promise<readonly KubeObject[]> {
  const { name, namespace, uid } = object.metadata
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
    const contents = await contentsOf(cluster, name)
    return contents.ok ? contents.value : []
  }
  if (!isForeground(object) || namespace === undefined) return []
  const pods = await cluster.list(podResource, { namespace, metadataOnly: true })
  if (!pods.ok) return []
  // Pods of a Deployment belong to its ReplicaSets, which are named after it.
  const owns = (pod: KubeObject): boolean =>
    (pod.metadata.ownerReferences ?? []).some(
      owner => owner.uid === uid || (owner.kind === 'ReplicaSet' && owner.name.startsWith(`${name}-`)),
    )
  return pods.value.filter(owns).map(pod => ({ ...pod, apiVersion: 'v1', kind: 'Pod' }))
}

/** Tells of an object that takes long to be deleted, and why, unless the returned function was called before: it is gone. */
export function tellWhenSlow(
  {
    cluster,
    clock,
    tell,
  }: { readonly cluster: Cluster; readonly clock: Clock; readonly tell: (message: string) => void },
  { ref, uid }: { readonly ref: ObjectRef; readonly uid: string },
): () => void {
  let isGone = false
  const cancel = clock.after(SLOW_TO_GO, async () => {
    const read = await cluster.get(ref)
    const live = read.ok && read.value?.metadata.uid === uid ? read.value : undefined
    if (live === undefined) return
    const held = await holdersOf(cluster, live)
    if (isGone) return
    tell(waitingToGo(ref, held))
  })
  return () => {
    isGone = true
    cancel()
  }
}
