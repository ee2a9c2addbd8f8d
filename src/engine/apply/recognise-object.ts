import { randomUUID } from 'node:crypto'
import type { KubeObject, ObjectRef } from '../../core/kube-object.js'
import type { OwnedObject } from '../../core/ownership/journal-state.js'
import { tokenOf } from '../../core/ownership/marks.js'
import { ok, type Result } from '../../core/result.js'
import { recordForeignVolumes, revisionsOf } from '../ownership/dependents.js'
import type { ApplyRequest, ApplyTools, Known } from './apply-types.js'

interface RecogniseInput {
  readonly tools: ApplyTools
  readonly request: ApplyRequest
  readonly ref: ObjectRef
  readonly key: string
  readonly owned: OwnedObject | undefined
  readonly live: KubeObject
}

/** Whose the live object is; adopts it where it is not ours. Undefined for what is left as it is. */
export async function recogniseObject(input: RecogniseInput): Promise<Result<Known | undefined>> {
  const { tools, ref, key, owned, live } = input
  const { journal } = tools
  const uid = live.metadata.uid ?? ''
  const now = () => {
    const object = journal.state().objects.get(key)
    return ok(object?.origin === 'intent' ? undefined : object)
  }
  if (owned !== undefined && owned.origin !== 'intent' && owned.uid === uid) return ok(owned)
  if (owned?.origin === 'intent' && tokenOf(live) === owned.token) {
    const written = await journal.append([{ type: 'created', key, uid }], { durable: false })
    return written.ok ? now() : written
  }
  if (live.kind === 'Namespace' && live.apiVersion === 'v1') {
    if (owned === undefined) return ok(undefined)
    const released = await journal.append([{ type: 'released', key }], { durable: true })
    return released.ok ? ok(undefined) : released
  }
  const foreign = await recordForeignVolumes(tools, input.request.object)
  if (!foreign.ok) return foreign
  const revisions = await revisionsOf(tools.cluster, live)
  if (!revisions.ok) return revisions
  const adopted = await journal.append(
    [{ type: 'adopted', key, ref, uid, token: randomUUID(), snapshot: live, revisions: revisions.value }],
    { durable: true },
  )
  return adopted.ok ? now() : adopted
}
