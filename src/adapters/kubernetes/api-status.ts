import { displayRef, type ObjectRef } from '../../core/kube-object.js'
import type { ApplyConflict, ApplyRejected, Problem, SourceRange } from '../../core/problem.js'

/** The API server's `Status` object, as far as it is read. */
export interface ApiStatus {
  readonly reason?: string
  readonly message?: string
  readonly code?: number
  readonly details?: {
    readonly kind?: string
    readonly name?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly {
      readonly reason?: string
      readonly message?: string
      readonly field?: string
    }[]
  }
}

interface Refusal {
  readonly ref: ObjectRef
  readonly status: number
  readonly body: string
  readonly source?: SourceRange
}

/** A server-side apply or replace that the API server refused, in our words for it. The server's own are quoted whole. */
export function refusalOf({ ref, status, body, source }: Refusal): ApplyRejected | ApplyConflict {
  const document = parseStatus(body)
  const message = document?.message ?? (body.trim() || `the API server answered ${status}`)
  const causes = document?.details?.causes ?? []
  const object = displayRef(ref)
  const place = source === undefined ? {} : { source }
  const conflicts = causes.filter(({ reason }) => reason === 'FieldManagerConflict')
  if (conflicts.length > 0) {
    return {
      kind: 'apply-conflict',
      object,
      ...place,
      conflicts: conflicts.map(cause => ({
        manager: managerOf(cause.message ?? ''),
        field: cause.field ?? '',
      })),
    }
  }
  const reason = reasonOf(status, message, document, causes)
  return {
    kind: 'apply-rejected',
    object,
    ...place,
    reason,
    status,
    message,
    fields:
      reason === 'unknown-field'
        ? unknownFields(message)
        : causes.flatMap(({ field }) => (field === undefined ? [] : [field])),
  }
}

/** `conflict with "kubectl" with subresource "scale" using apps/v1 at …`: the manager, with what else tells it apart. */
function managerOf(message: string): string {
  const named = /conflict with "((?:[^"\\]|\\.)*)"((?: with subresource "[^"]*")?)/.exec(message)
  return named === null ? message : `${named[1]}${named[2] ?? ''}`
}

function reasonOf(
  status: number,
  message: string,
  document: ApiStatus | undefined,
  causes: NonNullable<NonNullable<ApiStatus['details']>['causes']>,
): ApplyRejected['reason'] {
  // A field that the schema lacks fails a server-side apply as an internal error, whatever fieldValidation says (kubernetes#122480).
  if (/field not declared in schema|unknown field "/.test(message)) return 'unknown-field'
  if (
    /admission webhook "[^"]*" denied the request|ValidatingAdmissionPolicy '[^']*'.* denied request/s.test(
      message,
    )
  )
    return 'denied'
  if (message.includes('exceeded quota')) return 'quota'
  if (
    causes.some(({ reason }) => reason === 'NamespaceTerminating') ||
    message.includes('because it is being terminated')
  )
    return 'namespace'
  if (status === 404) return /^namespaces "/.test(message) ? 'namespace' : 'no-such-kind'
  if (status === 403) return 'forbidden'
  if (isImmutable(message)) return 'immutable'
  if (/failed to create typed patch object|duplicate entries for key|strict decoding/.test(message))
    return 'invalid'
  if (status === 422 || (status === 400 && document?.reason === 'BadRequest')) return 'invalid'
  return 'other'
}

const IMMUTABLE = [
  'field is immutable',
  'updates to statefulset spec for fields other than',
  'spec is immutable after creation',
  'may not change once set',
  'primary clusterIP can not be unset',
  'cannot change roleRef',
  'pod updates may not change fields other than',
]

function isImmutable(message: string): boolean {
  return IMMUTABLE.some(text => message.includes(text))
}

/** The paths in `….spec.x: field not declared in schema` and in `unknown field "spec.x"`. */
function unknownFields(message: string): readonly string[] {
  // Alone behind the name of the object, or with others on lines of their own. Keys of lists may hold anything.
  const declared = [...message.matchAll(/(?:\): |^\s+)(\..*?): field not declared in schema/gm)].map(
    match => match[1] ?? '',
  )
  const strict = [...message.matchAll(/unknown field "([^"]+)"/g)].map(match => `.${match[1] ?? ''}`)
  return [...declared, ...strict]
}

export function parseStatus(body: string): ApiStatus | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status'
      ? (value as ApiStatus)
      : undefined
  } catch {
    // A missing API answers with plain text.
    return undefined
  }
}

/** A read that the API server refused. */
export function readRefusal(context: string, what: string, status: number, body: string): Problem {
  const message = parseStatus(body)?.message ?? (body.trim() || `status ${status}`)
  return { kind: 'cluster-unreachable', context, message: `${what}: ${message}` }
}
