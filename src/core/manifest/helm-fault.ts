import { basename, join } from 'node:path'
import type { SourceRange } from '../problem.js'
import { rangeAt } from './line-range.js'

export interface HelmFault {
  readonly message: string
  readonly range?: SourceRange
  readonly suggestion?: string
}

/** An error of `helm template`, at the line of the template that it names. `chart` is the chart's absolute folder; `shown` is how people write it. */
export function helmFault(
  stderr: string,
  { chart, shown }: { readonly chart: string; readonly shown: string },
): HelmFault {
  const message = stderr
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('Use --debug') && !isWarning(line))
    .join('\n')
    .replace(/^Error: /, '')
  const missing = /missing in charts\/ directory: (.+)$/m.exec(message)?.[1]
  if (missing !== undefined)
    return {
      message: `the dependencies ${missing} of the chart are not in its folder charts/`,
      range: rangeAt(join(chart, 'Chart.yaml'), 1, 1),
      suggestion: `helm dependency build ${shown}`,
    }
  const place = placeIn(message, chart)
  return {
    message: message || 'helm failed without a word',
    ...(place === undefined ? {} : { range: place }),
  }
}

/** What helm says besides the manifests: warnings about values and charts, but not about the permissions of a kubeconfig. */
export function helmWarnings(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter(line => isWarning(line) && !/kubernetes configuration file is (group|world)-readable/i.test(line))
    .map(line =>
      line
        .replace(
          /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?(coalesce\.go:\d+: )?(warning|WARNING|walk\.go:\d+): ?/,
          '',
        )
        .trim(),
    )
}

const isWarning = (line: string): boolean =>
  /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d |WARNING|warning|level=WARN|coalesce\.go|walk\.go)/.test(line)

/** The place of a template that a comment or a message of helm names, by the chart's own name first: `mysql/templates/db.yaml`. */
export function templateFile(chart: string, named: string): string {
  return join(chart, ...named.split('/').slice(1))
}

/**
 * The line in a template where an object of this kind and name begins. A template may make many objects of few lines: where several lines could be
 * meant, the one with the name, else the first.
 */
export function lineInTemplate(text: string, kind: string, name: string): number {
  const lines = text.split('\n')
  const kinds = lines.flatMap((line, at) =>
    new RegExp(`^kind:\\s*["']?${escapeRegExp(kind)}["']?\\s*$`).test(line) ? [at] : [],
  )
  const named = kinds.find(at =>
    metadataOf(lines, at).some(line => /^\s+name:/.test(line) && line.includes(name)),
  )
  const at = named ?? kinds[0]
  if (at === undefined) return 1
  const start = lines.slice(0, at).findLastIndex(line => line.startsWith('---')) + 1
  const first = lines.slice(start, at).findIndex(line => /^apiVersion:/.test(line))
  return first === -1 ? at + 1 : start + first + 1
}

/**
 * `template: mysql/templates/a.yaml:2:16: …`, `execution error at (mysql/templates/a.yaml:1:9): …`, `parse error at (…:2): …`,
 * `YAML parse error on mysql/templates/a.yaml: … line 2: …` (the line is one of what was rendered, so it is not taken).
 */
function placeIn(message: string, chart: string): SourceRange | undefined {
  const root = chart.endsWith('.tgz') ? undefined : basename(chart)
  if (root === undefined) return undefined
  const exact = /([\w.-]+\/(?:templates|charts)\/[^\s:()"]+):(\d+)(?::(\d+))?/.exec(message)
  if (exact !== null) {
    const [, file = '', line = '1', column = '0'] = exact
    return rangeAt(templateFile(chart, file), Number(line), Number(column) + 1)
  }
  const whole = /([\w.-]+\/(?:templates|charts)\/[^\s:()"]+)/.exec(message)?.[1]
  return whole === undefined ? undefined : rangeAt(templateFile(chart, whole), 1, 1)
}

/** The lines behind an object's kind in which its name stands. */
function metadataOf(lines: readonly string[], kind: number): readonly string[] {
  const next = lines.slice(kind, kind + 8)
  const end = next.findIndex(line => line.startsWith('---'))
  return end === -1 ? next : next.slice(0, end)
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
