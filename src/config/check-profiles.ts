import { checkPattern } from './check-pattern.js'
import { type ConfigFile, childOf, treeOf } from './config-tree.js'
import { type Finding, finding } from './finding.js'
import { type Activation, activationSchema } from './profile-schema.js'
import { suggestName } from './suggest.js'

/** The activations of each profile of a file that has them well-formed. */
export function profilesOf({ document }: ConfigFile): ReadonlyMap<string, Activation> {
  const profiles = record(record(document.value)?.profiles)
  return new Map(
    Object.entries(profiles ?? {}).map(([name, profile]) => {
      const parsed = activationSchema.safeParse(record(profile)?.activation ?? [])
      return [name, parsed.success ? parsed.data : []]
    }),
  )
}

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined

/** What the schema cannot say of a file's profiles, active or not. `commands` are those that devloop has. */
export function checkProfiles(source: ConfigFile, commands: readonly string[]): readonly Finding[] {
  const activations = [...profilesOf(source)].flatMap(([name, activation]) =>
    activation.flatMap((entry, at) => {
      const path = ['profiles', name, 'activation', at]
      const { env, context, command } = entry
      const given = (pattern: string): string => pattern.replace(/^!/, '')
      return [
        ...(Object.keys(entry).length === 0
          ? [finding(path, 'an activation must have one of env, context and command')]
          : []),
        ...(env?.includes('=') ? checkPattern(given(env.slice(env.indexOf('=') + 1)), [...path, 'env']) : []),
        ...(context === undefined ? [] : checkPattern(given(context), [...path, 'context'])),
        ...[command ?? []]
          .flat()
          .flatMap((one, index) =>
            commands.length === 0 || commands.includes(one)
              ? []
              : [
                  finding(
                    [...path, 'command', ...(typeof command === 'string' ? [] : [index])],
                    `devloop has no command "${one}"`,
                    { suggestion: suggestName(one, commands, 'the commands are') },
                  ),
                ],
          ),
      ]
    }),
  )
  return [...activations, ...checkPatches(source)]
}

function checkPatches(source: ConfigFile): readonly Finding[] {
  const profiles = childOf(treeOf(source.document.value, { source, path: [] }), 'profiles')
  if (profiles?.kind !== 'map') return []
  return [...profiles.entries.values()].flatMap(profile => {
    const patches = childOf(profile, 'patches')
    if (patches?.kind !== 'list') return []
    return patches.items.flatMap(patch => {
      const op = childOf(patch, 'op')
      const isRemoval = op?.kind === 'leaf' && op.value === 'remove'
      const value = childOf(patch, 'value')
      if (patch.kind !== 'map' || op === undefined || isRemoval !== (value !== undefined)) return []
      return [
        isRemoval
          ? finding([...patch.origin.path, 'value'], '"value" does not go with "remove"', {
              on: 'key',
              suggestion: 'remove it',
            })
          : finding(patch.origin.path, '"value" is missing'),
      ]
    })
  })
}
