import { fieldsOf, itemsOf, nodeAt, type SourceMap, type SourceNode, withFields } from './source-node.js'

/**
 * Sections that a profile adds to field by field; any other value of a profile takes the place of the whole one below it, lists with all
 * their items. (Skaffold goes down into plain structs only.)
 */
const SECTIONS: ReadonlySet<string> = new Set([
  'build',
  'build.hooks',
  'manifests',
  'manifests.hooks',
  'deploy',
  'deploy.logs',
  'resourceSelector',
])

/** Where images are built: one of these takes the place of the others. */
const BUILD_TYPES = ['local', 'googleCloudBuild', 'cluster']

const PIPELINE = [
  'build',
  'test',
  'manifests',
  'deploy',
  'portForward',
  'resourceSelector',
  'verify',
  'customActions',
]

/** A document with the sections of a profile laid over it; its patches are not applied yet. */
export function overlayProfile(document: SourceMap, profile: SourceMap): SourceMap {
  const changes: Record<string, SourceNode | undefined> = {}
  for (const key of PIPELINE) {
    const over = nodeAt(profile, key)
    if (over !== undefined && !isNothing(over)) changes[key] = overlay(document.fields.get(key), over, key)
  }
  return withFields(document, changes)
}

function overlay(base: SourceNode | undefined, over: SourceNode, section: string): SourceNode {
  if (base?.kind !== 'map' || over.kind !== 'map' || !SECTIONS.has(section)) return over
  const changes: Record<string, SourceNode | undefined> = {}
  if (section === 'build' && BUILD_TYPES.some(type => over.fields.has(type)))
    for (const type of BUILD_TYPES) changes[type] = undefined
  for (const [key, value] of fieldsOf(over)) {
    if (isNothing(value) && !(BUILD_TYPES.includes(key) && section === 'build')) continue
    changes[key] = overlay(base.fields.get(key), value, `${section}.${key}`)
  }
  return withFields(base, changes)
}

/** What Go takes for a value that was not given. */
const isNothing = (node: SourceNode): boolean =>
  node.kind === 'scalar'
    ? node.value === null || node.value === '' || node.value === 0
    : node.kind === 'list' && itemsOf(node).length === 0
