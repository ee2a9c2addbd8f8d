import type { KubeObject } from '../kube-object.js'
import { printObjects } from '../manifest/print.js'
import { isMap, sameJson } from '../ownership/json.js'
import { saveAnnotation, tokenAnnotation } from '../ownership/marks.js'
import { diffLines } from './diff-lines.js'

/** What the API server keeps by itself, and what says nothing to a reader of a difference. */
const COUNTERS: readonly string[] = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
]
const NOTES: readonly string[] = [
  tokenAnnotation,
  saveAnnotation,
  'kubectl.kubernetes.io/last-applied-configuration',
]

/**
 * The difference of an object to what it would become, as a unified diff of its YAML; '' where there is none. Values of Secrets are never shown, only
 * whether they differ. `before` is absent for an object that is not there, `after` for one that goes.
 */
export function diffObject(before: KubeObject | undefined, after: KubeObject | undefined): string {
  const [old, now] = masked(before && essence(before), after && essence(after))
  const lines = diffLines(linesOf(old), linesOf(now))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function linesOf(object: KubeObject | undefined): readonly string[] {
  if (object === undefined) return []
  const [, ...lines] = printObjects([object], 'yaml').trimEnd().split('\n')
  return lines
}

/** The object as a person wrote it or would have: keys in one order, so that the server's own order is no difference. */
function essence({ status: _, ...object }: KubeObject): KubeObject {
  const { annotations, ...rest } = object.metadata
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !NOTES.includes(name))
  const metadata = Object.entries(rest).filter(([name]) => !COUNTERS.includes(name))
  return inOrder({
    ...object,
    metadata: {
      ...Object.fromEntries(metadata),
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
    },
  }) as KubeObject
}

const FIRST: readonly string[] = ['apiVersion', 'kind', 'metadata', 'name']

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isMap(value)) return value
  const rank = (key: string): number => (FIRST.indexOf(key) + FIRST.length + 1) % (FIRST.length + 1)
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map(([key, child]) => [key, inOrder(child)]),
  )
}

function masked(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): readonly [KubeObject | undefined, KubeObject | undefined] {
  const isSecret = [before, after].some(object => object?.kind === 'Secret' && object.apiVersion === 'v1')
  if (!isSecret) return [before, after]
  const old = valuesOf(before)
  const now = valuesOf(after)
  const hide = (
    object: KubeObject | undefined,
    { mine, other, word }: { mine: Values; other: Values; word: string },
  ): KubeObject | undefined => {
    if (object === undefined) return undefined
    const { stringData: _, data: __, ...rest } = object
    const data = Object.fromEntries(
      Object.keys(mine).map(name => {
        const isSame = !(name in other) || sameJson(mine[name], other[name])
        return [name, isSame ? '***' : `*** (${word})`]
      }),
    )
    return inOrder({ ...rest, ...(Object.keys(data).length === 0 ? {} : { data }) }) as KubeObject
  }
  return [
    hide(before, { mine: old, other: now, word: 'before' }),
    hide(after, { mine: now, other: old, word: 'after' }),
  ]
}

type Values = Readonly<Record<string, unknown>>

/** Values in base64, as the API server keeps them; what is given as text is encoded. */
function valuesOf(secret: KubeObject | undefined): Values {
  const text = isMap(secret?.stringData) ? Object.entries(secret.stringData) : []
  const encoded = text.map(([name, value]) => [name, Buffer.from(String(value)).toString('base64')] as const)
  return { ...(isMap(secret?.data) ? secret.data : {}), ...Object.fromEntries(encoded) }
}
