import type { RouteTable } from './compiled-routes.js'
import { matchRoute } from './match.js'
import type { Decision, RouteFinding, RuleRef } from './route-table.js'
import { sampleHost, type TableRule, tableRules } from './table-rules.js'

/**
 * Rules that never serve a request because others take all of theirs, and regular expressions that overlap in part: found by asking the table itself for paths that
 * the rules match. A general rule that leaves to a more special one what that one names is as it should be.
 */
export function lintRoutes(table: RouteTable): readonly RouteFinding[] {
  const rules = tableRules(table)
  const byRef = new Map(rules.map(rule => [rule.ref, rule]))
  return rules.flatMap(rule => {
    const taken = rule.samples.map(sample => ({ sample, by: takerOf(table, rule, sample) }))
    const others = taken.filter(({ by }) => by !== undefined && !isSame(by, rule.ref))
    const [first] = others
    if (first?.by !== undefined && others.length === taken.length)
      return [shadowed(rule, byRef.get(first.by) ?? first.by, first.sample.target)]
    return overlap(table, rule, rules)
  })
}

function takerOf(
  table: RouteTable,
  { host }: Pick<TableRule, 'host'>,
  sample: TableRule['samples'][number],
): RuleRef | undefined {
  return refOfDecision(matchRoute(table, { ...sample, host: sampleHost(host), random: 0.999_999 }))
}

export const refOfDecision = (decision: Decision): RuleRef | undefined =>
  decision.type === 'proxy' || decision.type === 'answer' ? decision.rule : undefined

/** The same text at the same place: copies of a rule at several listeners are one rule. A canary serves for its primary. */
export const isSame = (a: RuleRef, b: RuleRef): boolean =>
  a === b || (a.host === b.host && a.path === b.path && (a.object === b.object || a.place === b.place))

const nameOf = ({ object, namespace, place }: RuleRef): string =>
  place === undefined ? `${object} -n ${namespace}` : `${object} in ${place}`

function shadowed(rule: TableRule, by: TableRule | RuleRef, example: string): RouteFinding {
  const taker = 'ref' in by ? by.ref : by
  const isEqual = taker.path === rule.path && taker.host === rule.ref.host
  return {
    of: nameOf(rule.ref),
    message: isEqual
      ? `${hostOf(rule)}${rule.path} is claimed by ${nameOf(taker)} too, which gets its requests`
      : `${hostOf(rule)}${rule.path} can never match: ${taker.path} of ${nameOf(taker)} comes before it and takes ${example}`,
  }
}

const hostOf = ({ host }: TableRule): string => (host === '*' ? '' : host)

/** One path that this rule matches and another one takes, where that one is no special case of this one. */
function overlap(table: RouteTable, rule: TableRule, rules: readonly TableRule[]): readonly RouteFinding[] {
  if (!rule.kind.startsWith('regex')) return []
  const host = sampleHost(rule.host)
  const asked = (sample: TableRule['samples'][number]) => ({ ...sample, host, random: 0 })
  for (const other of rules) {
    if (other === rule || other.host !== rule.host || !other.kind.startsWith('regex')) continue
    if (other.samples.every(sample => rule.misses(asked(sample)) === undefined)) continue
    for (const sample of rule.samples)
      for (const { target: theirs } of other.samples)
        for (const target of [joined(sample.target, theirs), joined(theirs, sample.target)]) {
          const request = asked({ ...sample, target })
          if (rule.misses(request) !== undefined || other.misses(request) !== undefined) continue
          const by = refOfDecision(matchRoute(table, request))
          if (by !== undefined && isSame(by, other.ref) && !isSame(by, rule.ref))
            return [
              {
                of: nameOf(rule.ref),
                message: `${hostOf(rule)}${rule.path} and ${other.path} of ${nameOf(other.ref)} overlap: ${target} goes to the latter`,
              },
            ]
        }
  }
  return []
}

const joined = (start: string, end: string): string =>
  `${start.replace(/\/?x?$/, '')}/${end.replace(/^\//, '')}`
