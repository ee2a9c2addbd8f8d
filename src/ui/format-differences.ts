import { styleText } from 'node:util'
import { exitCodeFor, exitCodes } from '../core/exit-code.js'
import { explain } from '../core/explain.js'
import type { Problem } from '../core/problem.js'
import { cleanText } from './clean-text.js'

/** One object of a dry run; see `engine/dry-run.ts`. */
export interface Difference {
  readonly object: string
  readonly change: 'create' | 'change' | 'recreate' | 'unchanged' | 'drop' | 'refused'
  readonly diff: string
  readonly notices: readonly string[]
  readonly problem?: Problem
}

export interface DifferencesOptions {
  /** What a deploy does with what the manifests no longer have. */
  readonly policy: 'ask' | 'auto' | 'off' | 'asked' | 'all'
  readonly colour: boolean
}

/** What a deploy would change, object by object: `+` is made, `~` changes, `-` is no longer in the manifests, `!` is refused. */
export function formatDifferences(
  differences: readonly Difference[],
  { policy, colour }: DifferencesOptions,
): string {
  const lines: string[] = []
  // Text from the cluster may hold what a terminal obeys; colours are our own.
  const say = (text: string, format?: Parameters<typeof styleText>[0]): void => {
    const clean = cleanText(text)
    lines.push(colour && format !== undefined ? styleText(format, clean, { validateStream: false }) : clean)
  }
  for (const { object, change, diff, notices, problem } of differences) {
    if (change === 'unchanged') continue
    say(`${SIGNS[change]} ${object}${noteOf(change, policy)}`, 'bold')
    for (const notice of notices) say(`  ${notice}`)
    if (problem !== undefined) {
      const { title, detail, hints } = explain(problem)
      say(`  ${title}`, 'red')
      for (const line of detail) say(`  ${line}`)
      for (const hint of hints) say(`  → ${hint}`)
    }
    for (const line of diff.split('\n'))
      if (line !== '') say(`  ${line}`, line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim')
  }
  const count = (change: Difference['change']) => differences.filter(one => one.change === change).length
  const counts = [
    `${count('create')} to create`,
    `${count('change') + count('recreate')} to change`,
    `${count('drop')} no longer in the manifests`,
    ...(count('refused') === 0 ? [] : [`${count('refused')} refused`]),
    `${count('unchanged')} as they are`,
  ]
  return `${[...lines, counts.join(', ')].join('\n')}\n`
}

const SIGNS: Readonly<Record<Exclude<Difference['change'], 'unchanged'>, string>> = {
  create: '+',
  change: '~',
  recreate: '~',
  drop: '-',
  refused: '!',
}

function noteOf(change: Difference['change'], policy: DifferencesOptions['policy']): string {
  if (change === 'recreate') return ' (deleted and made anew: a field of it cannot change)'
  if (change !== 'drop' || policy === 'auto' || policy === 'asked' || policy === 'all') return ''
  return policy === 'off' ? ' (stays: prune is off)' : ' (stays without --prune)'
}

/** The exit code of a dry run: 0 where a deploy would change nothing, 13 where it would, that of the cause where something is refused. */
export function dryRunCode(differences: readonly Difference[], policy: DifferencesOptions['policy']): number {
  const refused = differences.find(({ problem }) => problem !== undefined)?.problem
  if (refused !== undefined) return exitCodeFor(refused)
  const stays = policy === 'ask' || policy === 'off'
  const isDifferent = differences.some(
    ({ change }) => change !== 'unchanged' && !(stays && change === 'drop'),
  )
  return isDifferent ? exitCodes.differs : exitCodes.ok
}
