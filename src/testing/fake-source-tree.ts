import { createHash } from 'node:crypto'
import { cancelled, type Problem } from '../core/problem.js'
import type { ServiceSpec } from '../core/project.js'
import { err, ok } from '../core/result.js'
import type { SourceTree } from '../ports/source-tree.js'

export interface FakeSourceTree extends SourceTree {
  /** Contents by absolute path. */
  readonly files: Map<string, string>
  /** What the next readings fail with. */
  failure: Problem | undefined
  /** What was asked to be read, in turn. */
  readonly readings: (readonly string[] | 'all')[]
}

/** Build contexts in memory: a service's inputs are the files below its context, but for `*.log`. */
export function createFakeSourceTree(files: Readonly<Record<string, string>>): FakeSourceTree {
  const digests = new Map<string, string>()
  const inputsOf = (service: ServiceSpec) =>
    [...tree.files].filter(([path]) => tree.verdict(service, path).input).sort(([a], [b]) => (a < b ? -1 : 1))
  const digestOf = (inputs: readonly (readonly [string, string])[]) =>
    createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12)
  const tree: FakeSourceTree = {
    files: new Map(Object.entries(files)),
    failure: undefined,
    readings: [],
    snapshot: async (service, changed, signal) => {
      tree.readings.push(changed)
      if (signal.aborted) return err(cancelled)
      if (tree.failure !== undefined) return err(tree.failure)
      const inputs = inputsOf(service)
      return ok({
        service: service.name,
        digest: digests.set(service.name, digestOf(inputs)).get(service.name) ?? '',
        files: [],
        bytes: 1,
        dockerfile: 'FROM scratch',
        baseImages: [],
        needsBuildKit: false,
        changed: changed === 'all' ? [] : changed.map(path => path.slice(service.context.length + 1)),
      })
    },
    differs: async service => digests.get(service.name) !== digestOf(inputsOf(service)),
    readRules: async () => ok(undefined),
    verdict: ({ context }, path) => ({
      input: path.startsWith(`${context}/`) && !path.endsWith('.log'),
      why: 'the context',
    }),
    watchRoots: ({ context }) => [{ path: context, ignored: () => false }],
  }
  return tree
}
