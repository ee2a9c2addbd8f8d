import type Docker from 'dockerode'
import { namesWithAliases } from '../../core/gc/stale-images.js'
import { err, ok, type Result } from '../../core/result.js'
import type { NodeImageStore } from '../../ports/image-store.js'
import { problemOf } from './load-problem.js'
import { lastWords, runInNode } from './node-process.js'
import { createNodeRuntime, type NodeRuntime } from './node-runtime.js'

const CTR = ['ctr', '-n', 'k8s.io', 'images'] as const

/** Names that one command takes: a command line has an end. */
const AT_ONCE = 50

/** The images in the containerd of nodes that are containers. Lists names alone, and only those that are asked for: a whole listing takes 2.5 ms an image. */
export function createNodeImageStore(options: {
  readonly docker: () => Promise<Docker>
  readonly nodes: () => Promise<Result<readonly string[]>>
}): NodeImageStore {
  return {
    async list(repositories) {
      const nodes = await options.nodes()
      if (!nodes.ok || repositories.length === 0) return nodes.ok ? ok([]) : nodes
      try {
        const docker = await options.docker()
        const filters = repositories.map(name => `name~="^${escaped(name)}:dev-[0-9a-f]{12}$"`)
        return ok(
          await Promise.all(
            nodes.value.map(async node => {
              const exit = await runInNode(docker, node, [...CTR, 'ls', '-q', ...filters])
              if (exit.exitCode !== 0) throw new Error(`node ${node}: ${lastWords(exit)}`)
              return { node, names: exit.stdout.split('\n').filter(Boolean) }
            }),
          ),
        )
      } catch (error) {
        return err(problemOf(repositories.join(', '), 'none', error))
      }
    },
    async remove({ node, names }) {
      let runtime: NodeRuntime | undefined
      try {
        const docker = await options.docker()
        runtime = createNodeRuntime(docker, node)
        for (let at = 0; at < names.length; at += AT_ONCE) {
          const some = names.slice(at, at + AT_ONCE)
          const { references } = await runtime.images(some)
          const going = namesWithAliases(some, references)
          if (going.length === 0) continue
          const exit = await runInNode(docker, node, [...CTR, 'rm', ...going])
          if (exit.exitCode !== 0) throw new Error(`node ${node}: ${lastWords(exit)}`)
        }
        return ok(undefined)
      } catch (error) {
        return err(problemOf(names.join(', '), 'none', error))
      } finally {
        runtime?.close()
      }
    },
  }
}

/** In a quoted value of a filter of containerd a backslash escapes itself; names have no other marks that a regular expression knows but the dot. */
const escaped = (name: string): string => name.replaceAll('.', '[.]')
