import { type ConfigMap, type ConfigNode, list, mapping, nodeOf, plainOf, scalar } from './config-node.js'
import { fieldsOf, isTrue, itemsOf, nodeAt, type SourceMap, type SourceNode, textOf } from './source-node.js'
import type { Translation } from './translation.js'

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** Each profile of the modules once, by its name, where it is written first. */
export function profilesOf(
  modules: readonly SourceMap[],
  { report }: Pick<Translation, 'report'>,
): ReadonlyMap<string, SourceMap> {
  const found = new Map<string, SourceMap>()
  for (const module of modules)
    for (const profile of itemsOf(nodeAt(module, 'profiles'))) {
      const name = textOf(nodeAt(profile, 'name'))
      if (name === undefined || profile.kind !== 'map') continue
      if (!NAME.test(name))
        report(nodeAt(profile, 'name') ?? profile, 'not', 'a profile of devloop cannot have this name')
      else if (!found.has(name)) found.set(name, profile)
    }
  return found
}

/** A profile as what it changes in the config: `base` is the config without it, `active` the one with it. */
export function translateProfile(
  profile: SourceMap,
  { base, active }: { readonly base: ConfigMap; readonly active: ConfigMap },
  translation: Translation,
): ConfigMap {
  const patches = differences(base, active, { profile })
  return mapping(
    {
      activation: activationOf(profile, translation),
      patches: patches.length === 0 ? undefined : list(patches, profile),
    },
    profile,
  )
}

/** How deep a change is told: of the config its keys, of `services` each service, of a service its keys. */
const DEPTH = 3

function differences(
  before: ConfigMap,
  after: ConfigMap,
  { profile, above = [] }: { readonly profile: SourceMap; readonly above?: readonly string[] },
): readonly ConfigNode[] {
  const keys = [...new Set([...before.fields.keys(), ...after.fields.keys()])]
  return keys.flatMap(key => {
    const path = [...above, key]
    const one = before.fields.get(key)
    const other = after.fields.get(key)
    return path[0] === 'services' && path.length < DEPTH && one?.kind === 'map' && other?.kind === 'map'
      ? differences(one, other, { profile, above: path })
      : patchOf(`/${path.map(escapeStep).join('/')}`, { before: one, after: other }, profile)
  })
}

const escapeStep = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1')

function patchOf(
  path: string,
  { before, after }: { readonly before: ConfigNode | undefined; readonly after: ConfigNode | undefined },
  profile: SourceMap,
): readonly ConfigNode[] {
  if (after === undefined)
    return before === undefined ? [] : [mapping({ op: scalar('remove'), path: scalar(path) }, profile)]
  if (before !== undefined && JSON.stringify(plainOf(before)) === JSON.stringify(plainOf(after))) return []
  return [
    mapping(
      { op: scalar(before === undefined ? 'add' : 'replace'), path: scalar(path), value: after },
      profile,
    ),
  ]
}

/** What devloop calls the commands of Skaffold. */
const COMMANDS: Readonly<Record<string, string>> = {
  dev: 'up',
  run: 'up',
  debug: 'debug',
  build: 'build',
  render: 'render',
  deploy: 'deploy',
  delete: 'down',
}

function activationOf(profile: SourceMap, translation: Translation): ConfigNode | undefined {
  const node = nodeAt(profile, 'activation')
  const entries = itemsOf(node).map(entry => new Map(fieldsOf(entry)))
  const all = nodeAt(profile, 'requiresAllActivations')
  const joined =
    all !== undefined && isTrue(all) && entries.length > 1 ? [merge(entries, all, translation)] : entries
  const made = joined.flatMap(entry => {
    const env = entry.get('env')
    const context = entry.get('kubeContext')
    const command = commandsOf(entry.get('command'), translation)
    if (command === 'never') return []
    const conditions = mapping(
      {
        env: env && scalar(environmentOf(textOf(env) ?? ''), env),
        context: context && scalar(wholePattern(textOf(context) ?? ''), context),
        command,
      },
      env ?? context ?? entry.get('command'),
    )
    return conditions.fields.size === 0 ? [] : [conditions]
  })
  return made.length === 0 ? undefined : list(made, node)
}

function merge(
  entries: readonly ReadonlyMap<string, SourceNode>[],
  all: SourceNode,
  { report }: Translation,
): ReadonlyMap<string, SourceNode> {
  const merged = new Map<string, SourceNode>()
  for (const [key, value] of entries.flatMap(entry => [...entry]))
    if (!merged.has(key)) merged.set(key, value)
    else report(all, 'partly', `an entry of devloop has one ${key}; the first counts`)
  return merged
}

/** `NAME=PATTERN`: Skaffold looks for the pattern anywhere in the value, devloop matches the whole of it. */
function environmentOf(text: string): string {
  const equals = text.indexOf('=')
  const pattern = text.slice(equals + 1)
  return equals === -1 || pattern === '' ? text : `${text.slice(0, equals)}=${wholePattern(pattern)}`
}

/** A pattern that is searched for as one that matches the whole. A plain word stays: it is meant as it is. */
function wholePattern(pattern: string): string {
  const not = pattern.startsWith('!') ? '!' : ''
  const body = pattern.slice(not.length)
  if (/^[\w.:@/-]+$/.test(body)) return pattern
  const start = body.startsWith('^') ? '' : '.*'
  const end = body.endsWith('$') && !body.endsWith('\\$') ? '' : '.*'
  const inner = body.slice(start === '' ? 1 : 0, end === '' ? -1 : undefined)
  return `${not}${start}${inner.includes('|') ? `(${inner})` : inner}${end}`
}

function commandsOf(node: SourceNode | undefined, { report }: Translation): ConfigNode | undefined | 'never' {
  const text = textOf(node)
  if (node === undefined || text === undefined) return undefined
  const not = text.startsWith('!')
  const pattern = expression(not ? text.slice(1) : text)
  const matched = Object.keys(COMMANDS).filter(command => (pattern?.test(command) ?? false) !== not)
  const commands = [...new Set(matched.flatMap(command => COMMANDS[command] ?? []))]
  if (matched.includes('dev') !== matched.includes('run'))
    report(node, 'partly', 'dev and run are both `devloop up`')
  if (commands.length > 0) return nodeOf(commands.length === 1 ? commands[0] : commands, node)
  report(node, 'not', `devloop has no command for "${text}"; take the profile by its name`)
  return 'never'
}

function expression(text: string): RegExp | undefined {
  try {
    return new RegExp(text)
  } catch {
    return undefined
  }
}
