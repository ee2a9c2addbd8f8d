import picomatch from 'picomatch'
import { noiseReason } from '../../core/context/editor-files.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import type { ServiceSpec } from '../../core/project.js'
import type { WatchRoot } from '../../ports/file-watcher.js'
import { relativeTo, ruleFiles, type ServiceRules } from './service-rules.js'

/** What has to be watched for a service; before its Dockerfile was read, all of its context. */
export function watchRoots(service: ServiceSpec, rules: ServiceRules | undefined): readonly WatchRoot[] {
  const inContext = (path: string, isDirectory: boolean): boolean => {
    const inside = relativeTo(service.context, path)
    if (inside === undefined || inside === '.') return false
    if (noiseReason(inside) !== undefined) return true
    if (rules === undefined) return inside.split('/').includes('node_modules')
    if (isDirectory)
      return rules.ignore.canPrune(inside) || !rules.inputs.sources.some(source => source.mayReach(inside))
    return rules.ignore.decide(inside).ignored
  }
  const never = (): boolean => false
  return [
    { path: service.context, ignored: inContext, rules: rules?.text ?? '' },
    ...ruleFiles(service).map(path => ({ path, ignored: never })),
    ...service.watch.extra.map(path => ({
      path: picomatch.scan(path).isGlob ? picomatch.scan(path).base : path,
      ignored: (below: string) => noiseReason(below) !== undefined,
    })),
    ...buildHooks(service)
      .flatMap(({ inputs = [], outputs = [] }) => [...inputs, ...outputs])
      .map(({ base }) => ({
        path: base,
        ignored: (below: string) =>
          noiseReason(below) !== undefined || below.slice(base.length).split('/').includes('node_modules'),
      })),
  ]
}
