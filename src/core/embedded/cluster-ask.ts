import type { KubeObject, ObjectRef } from '../kube-object.js'
import { type Fields, isFields } from '../manifest/fields.js'

/** A container's run whose log is asked for. Has the shape of the port's `LogSource`. */
export interface AskedLog {
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly container: string
  readonly restarts: number
  readonly containerId: string
}

/** What another command asks of the `up` in whose memory a cluster is. */
export type ClusterAsk =
  | { readonly call: 'identity' | 'discover' }
  | { readonly call: 'get'; readonly ref: ObjectRef }
  | {
      readonly call: 'list'
      readonly kind: { readonly apiVersion: string; readonly kind: string }
      readonly namespace: string | undefined
    }
  /** What would become of an object if it were applied. */
  | {
      readonly call: 'dry-run'
      readonly object: KubeObject
      readonly fieldManager: string
      readonly force: boolean
    }
  /** Everything that an observer of the namespace would be told first. */
  | { readonly call: 'seen'; readonly namespace: string }
  /** The lines that are there now, after a time. */
  | {
      readonly call: 'log'
      readonly source: AskedLog
      readonly since: string | undefined
      readonly from: string | undefined
      readonly lines: number | undefined
    }

/** Undefined for what is none of these. */
export function parseClusterAsk(value: unknown): ClusterAsk | undefined {
  if (!isFields(value)) return undefined
  const { call, namespace } = value
  switch (call) {
    case 'identity':
    case 'discover':
      return { call }
    case 'get': {
      const { ref } = value
      return isFields(ref) && areTexts(ref, ['apiVersion', 'kind', 'name'])
        ? { call, ref: ref as unknown as ObjectRef }
        : undefined
    }
    case 'list': {
      const { kind } = value
      if (!isFields(kind) || !areTexts(kind, ['apiVersion', 'kind'])) return undefined
      return {
        call,
        kind: { apiVersion: String(kind.apiVersion), kind: String(kind.kind) },
        namespace: textOf(namespace),
      }
    }
    case 'dry-run': {
      const { object, fieldManager, force } = value
      if (!isFields(object) || !areTexts(object, ['apiVersion', 'kind'])) return undefined
      if (!isFields(object.metadata) || !areTexts(object.metadata, ['name'])) return undefined
      if (typeof fieldManager !== 'string' || typeof force !== 'boolean') return undefined
      return { call, object: object as unknown as KubeObject, fieldManager, force }
    }
    case 'seen':
      return typeof namespace === 'string' ? { call, namespace } : undefined
    case 'log': {
      const { source, lines } = value
      if (!isFields(source) || !areTexts(source, ['namespace', 'pod', 'podUid', 'container', 'containerId']))
        return undefined
      if (typeof source.restarts !== 'number') return undefined
      return {
        call,
        source: source as unknown as AskedLog,
        since: textOf(value.since),
        from: textOf(value.from),
        lines: typeof lines === 'number' ? lines : undefined,
      }
    }
    default:
      return undefined
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function areTexts(fields: Fields, names: readonly string[]): boolean {
  return names.every(name => typeof fields[name] === 'string')
}
