import type { Activation } from './profile-schema.js'

/** What decides which profiles are active. */
export interface ProfileFacts {
  /** The values of `--profile`, as given: names by commas, with `-` in front for not. */
  readonly requested: readonly string[]
  /** The command of devloop that runs. */
  readonly command: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** The kubeconfig's current context. */
  readonly context: string | undefined
}

/** A profile of the config, whether it is active, and why. */
export interface ProfileState {
  readonly name: string
  readonly active: boolean
  readonly why: string
}

export interface ProfileDecision {
  /** Those that are active first, in the order in which they are put over the config; then the others. */
  readonly profiles: readonly ProfileState[]
  /** Names that were asked for and that no profile has. */
  readonly unknown: readonly string[]
}

/**
 * Decides which profiles are active: those of which an activation holds, in the order of the config, and behind them those that the flag names, in its order.
 * What the flag says last of a profile counts.
 */
export function decideProfiles(
  defined: ReadonlyMap<string, readonly Activation[number][]>,
  facts: ProfileFacts,
): ProfileDecision {
  const wishes = facts.requested
    .flatMap(value => value.split(','))
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => (name.startsWith('-') ? { name: name.slice(1), on: false } : { name, on: true }))
  const wish = new Map(wishes.map(({ name, on }) => [name, on]))
  const flagged = [...wish].filter(([name, on]) => on && defined.has(name)).map(([name]) => name)
  const held = [...defined]
    .filter(([name]) => !wish.has(name))
    .flatMap(([name, entries]) => {
      const entry = entries.find(one => holds(one, facts))
      return entry === undefined ? [] : [{ name, active: true, why: reason(entry, facts) }]
    })
  const active = [...held, ...flagged.map(name => ({ name, active: true, why: '--profile' }))]
  const others = [...defined.keys()].filter(name => !active.some(one => one.name === name))
  return {
    profiles: [
      ...active,
      ...others.map(name => ({
        name,
        active: false,
        why: wish.get(name) === false ? `--profile -${name}` : whyNot(defined.get(name) ?? []),
      })),
    ],
    unknown: [...wish.keys()].filter(name => !defined.has(name)),
  }
}

function holds({ env, context, command }: Activation[number], facts: ProfileFacts): boolean {
  if (env === undefined && context === undefined && command === undefined) return false
  return (
    (env === undefined || holdsEnv(env, facts.env)) &&
    (context === undefined || (facts.context !== undefined && matches(context, facts.context))) &&
    (command === undefined || [command].flat().some(one => one === facts.command))
  )
}

function holdsEnv(condition: string, env: ProfileFacts['env']): boolean {
  const split = condition.indexOf('=')
  const value = env[split === -1 ? condition : condition.slice(0, split)] ?? ''
  if (split === -1) return value !== ''
  const wanted = condition.slice(split + 1)
  return wanted === '' ? value === '' : matches(wanted, value)
}

function matches(pattern: string, value: string): boolean {
  const isNegated = pattern.startsWith('!')
  try {
    return new RegExp(`^(?:${isNegated ? pattern.slice(1) : pattern})$`, 's').test(value) !== isNegated
  } catch {
    // That it is no regular expression is an error of the config.
    return false
  }
}

function reason({ env, context, command }: Activation[number], facts: ProfileFacts): string {
  return [
    ...(env === undefined ? [] : [`the environment has ${env}`]),
    ...(context === undefined ? [] : [`the context ${facts.context} is ${context}`]),
    ...(command === undefined ? [] : [`the command is ${facts.command}`]),
  ].join(', and ')
}

const whyNot = (entries: readonly Activation[number][]): string =>
  entries.length === 0 ? 'only by --profile' : 'no activation holds'
