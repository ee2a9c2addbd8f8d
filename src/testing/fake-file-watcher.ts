import type { Problem } from '../core/problem.js'
import { err, ok } from '../core/result.js'
import type { FileWatcher } from '../ports/file-watcher.js'

export interface FakeFileWatcher extends FileWatcher {
  /** Paths that are watched now; empty once closed. */
  readonly watched: readonly string[]
  /** What `watch` fails with. */
  failure: Problem | undefined
  /** Whether inputs of manifests are said to have changed. */
  touched: boolean
  /** Tells of changed files; one that ends with a slash is a folder. */
  push(firstAt: number, ...paths: readonly string[]): void
  /** Tells that the watch broke. */
  breakDown(problem: Problem): void
}

/** A watcher that sees what the test tells it. */
export function createFakeFileWatcher(): FakeFileWatcher {
  let watched: readonly string[] = []
  let handlers: Parameters<FileWatcher['watch']>[1] | undefined
  const fake: FakeFileWatcher = {
    get watched() {
      return watched
    },
    failure: undefined,
    touched: false,
    touchedSince: async () => fake.touched,
    push: (firstAt, ...told) => {
      const folders = told.filter(path => path.endsWith('/')).map(path => path.slice(0, -1))
      const files = told.filter(path => !path.endsWith('/'))
      handlers?.onBatch({ firstAt, paths: [...files, ...folders], folders })
    },
    breakDown: problem => handlers?.onProblem(problem),
    watch: async (roots, given) => {
      if (fake.failure !== undefined) return err(fake.failure)
      watched = roots.map(({ path }) => path)
      handlers = given
      return ok({
        update: async next => {
          watched = next.map(({ path }) => path)
          return ok(undefined)
        },
        close: async () => {
          watched = []
          handlers = undefined
        },
      })
    },
  }
  return fake
}
