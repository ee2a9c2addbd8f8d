import { displayRef, type KubeObject, refKey, refOf } from '../../core/kube-object.js'
import {
  type FieldPath,
  formatFieldPath,
  getAtPath,
  parseFieldPath,
} from '../../core/ownership/field-path.js'
import { fieldManager } from '../../core/ownership/marks.js'
import { withoutFields } from '../../core/ownership/resolve-conflicts.js'
import type { Problem } from '../../core/problem.js'
import { err, type Result } from '../../core/result.js'
import type { Applied } from '../../ports/cluster.js'
import type { ApplyRequest, ApplyTools } from './apply-types.js'

interface SendInput {
  readonly request: ApplyRequest
  /** As it is to be sent. */
  readonly object: KubeObject
  readonly force: boolean
  /** Gets a line for each field that was left out and not told of before. */
  readonly notices: string[]
}

/**
 * Applies an object, without the fields that the API server does not know: a server-side apply fails on the whole object for one of them. Each round
 * leaves out something that is there, so it comes to an end.
 */
export async function sendObject(
  tools: ApplyTools,
  { request, object, force, notices }: SendInput,
): Promise<Result<Applied>> {
  const { source, signal } = request
  const options = { fieldManager, force, signal, ...(source === undefined ? {} : { source }) }
  const dropped: FieldPath[] = []
  let sending = object
  for (;;) {
    const answered = tools.onAsked?.(refOf(object))
    const applied = await tools.cluster.apply(sending, options)
    answered?.()
    const unknown = applied.ok ? [] : unknownFields(applied.error, sending)
    if (unknown.length > 0) {
      dropped.push(...unknown)
      sending = withoutFields(sending, unknown)
      continue
    }
    const told = await tellDropped(tools, request, dropped)
    if (applied.ok) {
      notices.push(...told.fresh)
      return applied
    }
    return err(withDropped(await placeRejection(tools, applied.error, request), told.all))
  }
}

function unknownFields(problem: Problem, object: KubeObject): readonly FieldPath[] {
  if (problem.kind !== 'apply-rejected' || problem.reason !== 'unknown-field') return []
  return problem.fields.flatMap(text => {
    const path = parseFieldPath(text, object)
    return path === undefined || path.length === 0 || getAtPath(object, path) === undefined ? [] : [path]
  })
}

async function tellDropped(
  { locateField, leftOut }: ApplyTools,
  { object, source }: ApplyRequest,
  dropped: readonly FieldPath[],
): Promise<{ readonly all: readonly string[]; readonly fresh: readonly string[] }> {
  const ref = refOf(object)
  const key = refKey(ref)
  const before = leftOut?.get(key)
  const fields = dropped.map(path => formatFieldPath(path))
  if (fields.length === 0) leftOut?.delete(key)
  else leftOut?.set(key, new Set(fields))
  const lines = await Promise.all(
    dropped.map(async (path, at) => {
      const range = source === undefined ? undefined : ((await locateField?.(source, path)) ?? source)
      const place = range === undefined ? '' : `${range.file}:${range.line}: `
      return `${place}${displayRef(ref)}: ${object.kind} of ${object.apiVersion} has no field ${fields[at] ?? ''}: it is applied without it`
    }),
  )
  return { all: lines, fresh: lines.filter((_, at) => before?.has(fields[at] ?? '') !== true) }
}

/** Shows the first field that was refused where it is written in the file, rather than the object's first line. */
async function placeRejection(
  { locateField }: ApplyTools,
  problem: Problem,
  { object, source }: ApplyRequest,
): Promise<Problem> {
  if (problem.kind !== 'apply-rejected' || source === undefined || locateField === undefined) return problem
  for (const text of [...problem.fields, ...mistypedFields(problem.message)]) {
    const path = parseFieldPath(/^[.[]/.test(text) ? text : `.${text}`, object)
    // A field that is missing is shown at the closest one that is there.
    for (let depth = path?.length ?? 0; depth > 0; depth -= 1) {
      const place = await locateField(source, path?.slice(0, depth) ?? [])
      if (place !== undefined) return { ...problem, source: place }
    }
  }
  return problem
}

/** The path in `failed to create typed patch object (…): .spec.replicas: expected numeric (int or float), got string`. */
const mistypedFields = (message: string): readonly string[] =>
  [...message.matchAll(/(?:\): |^\s+)(\.\S.*?): expected /gm)].map(match => match[1] ?? '')

/** What was left out may be why the rest was refused: a misspelt `spec`, say. */
function withDropped(problem: Problem, dropped: readonly string[]): Problem {
  return problem.kind !== 'apply-rejected' || dropped.length === 0
    ? problem
    : { ...problem, message: [problem.message, ...dropped].join('\n') }
}
