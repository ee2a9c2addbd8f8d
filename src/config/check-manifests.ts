import { type ConfigPath, type Finding, finding } from './finding.js'
import { type ManifestInput, manifestKinds } from './manifest-schema.js'
import type { ConfigInput } from './schema.js'

type Kind = (typeof manifestKinds)[number]
type Key = Exclude<keyof ManifestInput, Kind>

const CHOICE = 'exactly one of path, kustomize, helm and command'
const GOES_WITH: Readonly<Record<Key, readonly Kind[]>> = {
  exclude: ['path'],
  substitute: ['path'],
  name: ['kustomize', 'command'],
  namespace: ['kustomize', 'helm', 'command'],
  release: ['helm'],
  values: ['helm'],
  set: ['helm'],
  inputs: ['command'],
  cwd: ['command'],
}

/** What the schema cannot say about `manifests`: that each entry is of one kind and has the keys of this kind alone. */
export function checkManifests(manifests: ConfigInput['manifests']): readonly Finding[] {
  if (manifests === undefined) return []
  return Array.isArray(manifests)
    ? manifests.flatMap((entry, at) => checkEntry(entry, ['manifests', at]))
    : checkEntry(manifests, ['manifests'])
}

function checkEntry(entry: string | ManifestInput, path: ConfigPath): readonly Finding[] {
  if (typeof entry === 'string') return []
  const [kind, ...others] = Object.keys(entry).filter(isKind)
  if (kind === undefined)
    return [
      finding(path, `an entry of "manifests" must have ${CHOICE}`, {
        suggestion: 'name a folder of manifests with "path:"',
      }),
    ]
  const foreign = Object.keys(entry).filter(
    (key): key is Key => !isKind(key) && !GOES_WITH[key as Key].includes(kind),
  )
  return [
    ...others.map(key =>
      finding([...path, key], `an entry of "manifests" must have ${CHOICE}; this one has "${kind}" already`, {
        on: 'key',
        suggestion: `make an entry of its own of "${key}"`,
      }),
    ),
    ...(others.length > 0
      ? []
      : foreign.map(key =>
          finding([...path, key], `"${key}" goes with ${GOES_WITH[key].join(', ')}, not with "${kind}"`, {
            on: 'key',
            suggestion: 'remove it',
          }),
        )),
  ]
}

const isKind = (key: string): key is Kind => (manifestKinds as readonly string[]).includes(key)
