import picomatch from 'picomatch'
import { noiseReason } from '../../core/context/editor-files.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import { matchesAny, type PathPattern } from '../../core/hooks/path-pattern.js'
import type { ServiceSpec } from '../../core/project.js'
import type { InputVerdict } from '../../ports/source-tree.js'
import { relativeTo, ruleFiles, type ServiceRules } from './service-rules.js'

/** Whether a path is an input of a service, and by which rule. */
export function judgePath(service: ServiceSpec, path: string, rules: ServiceRules | undefined): InputVerdict {
  const verdict = judgeForImage(service, path, rules)
  if (verdict.input || noiseReason(relativeTo(service.context, path) ?? path) !== undefined) return verdict
  for (const { id, outputs = [], inputs = [] } of buildHooks(service)) {
    if (matchesAny(outputs, path)) return { input: true, why: `the hook ${id} writes it` }
    if (matchesAny(inputs, path) && !isInModules(path, inputs))
      return { input: true, why: `the hook ${id} reads it` }
  }
  return verdict
}

function isInModules(path: string, patterns: readonly PathPattern[]): boolean {
  return patterns.every(({ base }) => path.slice(base.length).split('/').includes('node_modules'))
}

function judgeForImage(service: ServiceSpec, path: string, rules: ServiceRules | undefined): InputVerdict {
  if (path === service.dockerfile) return { input: true, why: 'it is the Dockerfile' }
  if (ruleFiles(service).includes(path))
    return { input: true, why: 'it says which files of the context count' }
  const extra = service.watch.extra.find(
    one => path === one || path.startsWith(`${one}/`) || picomatch.isMatch(path, one, { dot: true }),
  )
  const inside = relativeTo(service.context, path)
  const ignore = service.watch.ignore.find(glob => picomatch.isMatch(inside ?? path, glob, { dot: true }))
  const noise = noiseReason(inside ?? path)
  if (noise !== undefined) return { input: false, why: noise }
  if (ignore !== undefined) return { input: false, why: `watch.ignore has "${ignore}"` }
  if (extra !== undefined) return { input: true, why: `watch.extra has "${extra}"` }
  if (inside === undefined) return { input: false, why: `it is outside the build context ${service.context}` }
  if (rules === undefined) return { input: false, why: 'the Dockerfile has not been read yet' }
  const decision = rules.ignore.decide(inside)
  const rule =
    decision.rule === undefined ? '' : `${decision.rule.file}:${decision.rule.line} "${decision.rule.text}"`
  if (decision.ignored) return { input: false, why: `ignored by ${rule}` }
  const source = rules.inputs.sources.find(one => one.sees(inside))
  if (source === undefined)
    return {
      input: false,
      why: `no COPY, ADD or bind mount that ${service.target ?? 'the last stage'} needs reads it${readsOf(service, rules)}`,
    }
  const back = rule === '' ? '' : `, taken in by ${rule}`
  return { input: true, why: `read by ${service.dockerfile}:${source.line} "${source.instruction}"${back}` }
}

/** What is read in its place, so that a person sees which line to change. */
function readsOf({ dockerfile }: ServiceSpec, { inputs }: ServiceRules): string {
  const lines = [...new Map(inputs.sources.map(({ line, instruction }) => [line, instruction]))]
  const named = lines.slice(0, 5).map(([line, instruction]) => `${dockerfile}:${line} "${instruction}"`)
  return lines.length === 0 ? '' : `; what reads the context: ${named.join(', ')}`
}
