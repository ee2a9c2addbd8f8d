import type { Conditions } from './cluster.js'
import { type Sample, seconds } from './measure.js'

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The figures of one tool over all rounds, milliseconds. */
export interface ToolFigures {
  readonly tool: string
  readonly cold: Spread
  readonly save: Spread
  readonly down: Spread
  /** Through the gateway; devloop alone. */
  readonly gateway: Spread | undefined
  readonly again: Spread | undefined
  readonly gatewayOnly: boolean
}

export function figuresOf(samples: readonly Sample[]): readonly ToolFigures[] {
  const names = [...new Set(samples.map(({ tool }) => tool))]
  return names.map(tool => {
    const own = samples.filter(sample => sample.tool === tool)
    return {
      tool,
      cold: spread(own.map(({ cold }) => cold)),
      save: spread(own.flatMap(({ saves }) => saves)),
      down: spread(own.map(({ down }) => down)),
      gateway: some(own.flatMap(({ throughGateway }) => throughGateway)),
      gatewayOnly: own.every(({ failed }) => failed.nodePort.length === 0),
      again: some(own.flatMap(({ again }) => again ?? [])),
    }
  })
}

/** The table of all tools with the ratios of the medians to devloop's. */
export function table(samples: readonly Sample[]): string {
  const figures = figuresOf(samples)
  const base = figures.find(({ tool }) => tool === 'devloop')
  const rows = figures.flatMap(own =>
    (['cold', 'save', 'gateway', 'down', 'again'] as const).flatMap(figure => {
      const of = own[figure]
      const against = base?.[figure]
      if (of === undefined) return []
      const name = figure === 'save' && own.gatewayOnly ? FIGURES.gateway : FIGURES[figure]
      const { min, median, max } = of
      const ratio = against === undefined ? '' : `${(median / against.median).toFixed(2)} x`
      return [[own.tool, name, seconds(min), seconds(median), seconds(max), ratio]]
    }),
  )
  return columns([['tool', 'figure', 'min', 'median', 'max', 'to devloop'], ...rows])
}

const FIGURES = {
  cold: 'cold',
  save: 'live (NodePort)',
  gateway: 'live (gateway)',
  down: 'down',
  again: 'second up',
} as const

/** What each tool takes at rest, and the requests that failed in saves. */
export function restLines(samples: readonly Sample[]): string {
  return samples
    .map(({ tool, round, idle, failed }) => {
      const gateway = failed.gateway.length === 0 ? '' : `, ${failed.gateway.join(' ')} through the gateway`
      return `  ${tool}, round ${round}: idle ${idle.mb} MB, ${idle.cpu} % of a core; failed requests of each save: ${failed.nodePort.join(' ') || 'none asked'} through the NodePort${gateway}`
    })
    .join('\n')
}

/** Where devloop says that the time of each save went; empty when it did not run. */
export function stagesTable(samples: readonly Sample[]): string {
  const all = samples.flatMap(({ round, stages }) =>
    stages.map((one, index) => ({ round, save: index + 1, one })),
  )
  if (all.length === 0) return ''
  const names = [...new Set(all.flatMap(({ one }) => Object.keys(one)))]
  const rows = all.map(({ round, save, one }) => [
    `${round}`,
    `${save}`,
    ...names.map(name => (one[name] === undefined ? '-' : `${Math.round(one[name])} ms`)),
  ])
  return columns([['round', 'save', ...names], ...rows])
}

export function conditionLines(conditions: Conditions, samples: readonly Sample[]): string {
  const each = samples.map(
    ({ tool, round, load, baseOnNodes, imageMb }) =>
      `  ${tool}, round ${round}: load average ${load} before the start, base image ${baseOnNodes ? 'already' : 'not'} on the nodes, image of ${imageMb} MB`,
  )
  const { cores, engine, imageStore, kubernetes, nodes, nodeRuntime, probePeriodSeconds } = conditions
  return [
    `${conditions.services} services with ${conditions.payloadMb} MB of their own each, readiness probe every ${probePeriodSeconds} s`,
    `${cores} cores; ${engine}, image store ${imageStore}; Kubernetes ${kubernetes}, ${nodes} node(s), ${nodeRuntime}`,
    ...each,
  ].join('\n')
}

const some = (values: readonly number[]): Spread | undefined =>
  values.length === 0 ? undefined : spread(values)

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    min: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    max: at(sorted.length - 1),
  }
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
