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
    }
  })
}

/** The table of all tools with the ratios of the medians to devloop's. */
export function table(samples: readonly Sample[]): string {
  const figures = figuresOf(samples)
  const base = figures.find(({ tool }) => tool === 'devloop')
  const rows = figures.flatMap(own =>
    (['cold', 'save', 'down'] as const).map(figure => {
      const { min, median, max } = own[figure]
      const ratio = base === undefined ? '' : `${(median / base[figure].median).toFixed(2)} x`
      return [own.tool, figure, seconds(min), seconds(median), seconds(max), ratio]
    }),
  )
  return columns([['tool', 'figure', 'min', 'median', 'max', 'to devloop'], ...rows])
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
