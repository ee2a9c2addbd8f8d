import { randomUUID } from 'node:crypto'
import type { KubeObject, ObjectRef } from '../../core/kube-object.js'
import type { OwnedObject } from '../../core/ownership/journal-state.js'
import { fieldManager, withMarks } from '../../core/ownership/marks.js'
import { withoutManager } from '../../core/ownership/without-manager.js'
import { ok } from '../../core/result.js'
import { recordForeignVolumes } from '../ownership/dependents.js'
import { appliedEntry, outcomeOf } from './applied-entry.js'
import type { ApplyRequest, ApplyTools, Step } from './apply-types.js'
import { sendObject } from './send-object.js'

export interface CreateInput {
  readonly tools: ApplyTools
  readonly request: ApplyRequest
  readonly ref: ObjectRef
  readonly key: string
  readonly owned: OwnedObject | undefined
  readonly notices: string[]
  readonly outcome: 'created' | 'recreated'
}

/** Makes an object that is not there, the intent written before. */
export async function createObject(input: CreateInput): Promise<Step> {
  const { tools, request, ref, key, owned, notices, outcome } = input
  const { journal } = tools
  const token = owned?.origin === 'intent' ? owned.token : randomUUID()
  if (owned?.origin !== 'intent') {
    const foreign = await recordForeignVolumes(tools, request.object)
    if (!foreign.ok) return foreign
    const intent = await journal.append([{ type: 'intent', key, ref, token }], { durable: true })
    if (!intent.ok) return intent
  }
  const marked = withMarks(request.object, token, request.save)
  const applied = await sendObject(tools, { request, object: marked, force: false, notices })
  if (!applied.ok) {
    // Somebody made it since we looked: it is theirs, and seen as such on the next turn.
    if (applied.error.kind === 'apply-conflict') return forget(tools, key)
    return applied
  }
  notices.push(...applied.value.warnings)
  const made = applied.value.object
  if (!applied.value.created) return adoptLate(input, made, token)
  const written = await journal.append(
    [{ type: 'created', key, uid: made.metadata.uid ?? '' }, appliedEntry(journal, request, made, [])],
    { durable: false },
  )
  return written.ok ? ok(outcomeOf(outcome, made, notices)) : written
}

async function forget({ journal }: ApplyTools, key: string): Promise<Step> {
  const released = await journal.append([{ type: 'released', key }], { durable: true })
  return released.ok ? 'again' : released
}

/** Somebody created the object between our look and our write, which forced nothing: what only we own of it is what we added. */
async function adoptLate(
  { tools, request, key, ref, notices }: CreateInput,
  now: KubeObject,
  token: string,
): Promise<Step> {
  const { journal } = tools
  const snapshot = withoutManager(now, fieldManager)
  const written = await journal.append(
    [
      { type: 'adopted', key, ref, uid: now.metadata.uid ?? '', token, snapshot, revisions: [] },
      appliedEntry(journal, request, now, [], snapshot),
    ],
    { durable: true },
  )
  return written.ok ? ok(outcomeOf('configured', now, notices)) : written
}
