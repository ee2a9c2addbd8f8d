import type { RouteTable } from './compiled-routes.js'
import { isSame, refOfDecision } from './lint-routes.js'
import { matchRoute } from './match.js'
import { requestHost } from './request-host.js'
import type { BackendRef, RouteRequest, RuleRef } from './route-table.js'
import { coversName, type TableRule, tableRules } from './table-rules.js'

/** Which rule serves a request, and why not the others. Plain JSON. */
export interface RouteExplanation {
  readonly serves:
    | {
        readonly rule: RuleRef
        /** What a pod gets to see in place of the path; absent where it is the same. */
        readonly rewritten?: string
        readonly backend: BackendRef
      }
    | { readonly rule: RuleRef; readonly status: number; readonly message: string }
    | { readonly none: string }
  readonly others: readonly {
    readonly rule: RuleRef
    readonly host: string
    readonly path: string
    readonly kind: string
    readonly backends: readonly string[]
    readonly why: string
  }[]
}

export function explainRoute(table: RouteTable, request: RouteRequest): RouteExplanation {
  const decision = matchRoute(table, request)
  const winner = refOfDecision(decision)
  const name = requestHost(request.host)?.name ?? request.host
  const rules = tableRules(table)
  // Rules of one object may differ in method, headers or query alone: the first of them that fits is the one that serves.
  const own = rules.filter(({ ref }) => winner !== undefined && isSame(ref, winner))
  const served = own.find(rule => rule.misses(request) === undefined) ?? own[0]
  const isForName = (rule: TableRule): number => Number(coversName(rule, name))
  const others = rules
    .filter(rule => rule !== served)
    .toSorted((a, b) => isForName(b) - isForName(a))
    .map(rule => ({
      rule: rule.ref,
      host: rule.host,
      path: rule.path,
      kind: rule.kind,
      backends: rule.backends,
      why: whyNot(rule, { name, request, winner }),
    }))
  switch (decision.type) {
    case 'proxy': {
      const { rule, backend, target } = decision
      const rewritten = target === request.target ? {} : { rewritten: target }
      return { serves: { rule, backend, ...rewritten }, others }
    }
    case 'answer': {
      const { rule, status, message, headers } = decision
      const location = headers.find(([header]) => header === 'Location')?.[1]
      return {
        serves: { rule, status, message: location === undefined ? message : `to ${location}` },
        others,
      }
    }
    case 'none':
    case 'bad-request':
      return { serves: { none: decision.message }, others }
  }
}

function whyNot(
  rule: TableRule,
  asked: { readonly name: string; readonly request: RouteRequest; readonly winner: RuleRef | undefined },
): string {
  const { name, request, winner } = asked
  if (!coversName(rule, name)) return `it is for ${rule.host}`
  if (rule.host === '*' && winner?.object.startsWith('ingress/') === true && winner.host === name)
    return `another rule names ${name}, and then those without a host are not asked`
  return rule.misses(request) ?? `it fits, but ${winner?.path ?? 'another'} comes first`
}
