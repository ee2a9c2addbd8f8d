import { describe, expect, it } from 'vitest'
import { boom, buildFailed, projectOf, scanned, session, upMode } from '../../testing/states.js'
import { explain } from '../explain.js'
import { initialState, reduce } from '../reduce.js'
import type { Ledger, ServiceState, State } from '../state.js'
import { type NotedBatch, serviceReason } from './service-reason.js'

const base = reduce(initialState(projectOf(['a']), upMode), { type: 'watch-changed', at: 0 })

/** A state in which the last save of `a`, number 2, came at 1000 and its content differed in these files. */
function stateOf(changed: readonly string[], over: Partial<Ledger> = {}, renderSave = 0): State {
  const a = base.services.a as ServiceState
  const ledger = { ...a.ledger, save: 2, savedAt: 1000, ...over }
  const source: ServiceState['source'] = {
    ...{ kind: 'known', digest: 'd', bases: {}, files: 1, bytes: 1 },
    ...{ changed, save: 2, savedAt: 1000 },
  }
  const render = {
    ...base.render,
    save: renderSave,
    inputs: { files: ['/shop/k8s/a.yaml'], folders: [], trees: [] },
  }
  return { ...base, render, services: { a: { ...a, source, ledger } } }
}

const batch = (firstAt: number, ...paths: readonly string[]): NotedBatch => ({ firstAt, paths })
const DOCKERFILE = '/shop/a/Dockerfile'
const judge = (path: string) => ({ input: /main|Dockerfile/.test(path), why: `rule of ${path}` })

function ask(state: State, ...batches: readonly NotedBatch[]) {
  const reason = serviceReason({ state, service: 'a', batches, judge, context: '/shop/a' })
  return {
    cause: reason?.cause,
    files: reason?.files.map(({ path }) => path),
    more: reason?.more,
    later: reason?.later && [reason.later.kind, ...reason.later.files.map(({ path }) => path)],
  }
}

describe('what started the last save', () => {
  it.each<[what: string, given: ReturnType<typeof ask>, expected: ReturnType<typeof ask>]>([
    [
      'the files that differ, not all that were written',
      ask(stateOf(['main.go']), batch(1000, '/shop/a/main.go', '/shop/a/main_test.go')),
      { cause: 'files', files: ['/shop/a/main.go'], more: 0, later: undefined },
    ],
    [
      'the Dockerfile, which is no content of the context',
      ask(stateOf([]), batch(500, '/shop/a/main.go'), batch(1000, DOCKERFILE)),
      { cause: 'files', files: [DOCKERFILE], more: 0, later: undefined },
    ],
    [
      'the Dockerfile, where looking was quicker than the watcher',
      ask(stateOf([]), batch(990, DOCKERFILE)),
      { cause: 'files', files: [DOCKERFILE], more: 0, later: undefined },
    ],
    [
      'manifests',
      ask(stateOf(['main.go'], { save: 3, savedAt: 2000 }, 3), batch(2000, '/shop/k8s/a.yaml', '/shop/x')),
      { cause: 'manifests', files: ['/shop/k8s/a.yaml'], more: 0, later: undefined },
    ],
    [
      'manifests, which changed again since for another service',
      ask(
        stateOf(['main.go'], { save: 3, savedAt: 2000 }, 4),
        batch(2000, '/shop/k8s/a.yaml'),
        batch(3000, '/shop/k8s/b.yaml'),
      ),
      { cause: 'manifests', files: ['/shop/k8s/a.yaml'], more: 0, later: undefined },
    ],
    [
      'many files',
      ask(stateOf(Array.from({ length: 25 }, (_, at) => `main${at}`))),
      {
        cause: 'files',
        files: Array.from({ length: 20 }, (_, at) => `/shop/a/main${at}`),
        more: 5,
        later: undefined,
      },
    ],
    [
      'and a later change of equal content, told by its inputs alone',
      ask(stateOf(['main.go']), batch(1000, '/shop/a/main.go'), batch(3000, '/shop/a/main.go', '/shop/a/x')),
      { cause: 'files', files: ['/shop/a/main.go'], more: 0, later: ['equal', '/shop/a/main.go'] },
    ],
    [
      'and a later change of no input, past one elsewhere',
      ask(stateOf(['main.go']), batch(3000, '/shop/a/x'), batch(4000, '/shop/b/y')),
      { cause: 'files', files: ['/shop/a/main.go'], more: 0, later: ['no-input', '/shop/a/x'] },
    ],
  ])('%s', (_what, given, expected) => {
    expect(given).toEqual(expected)
  })

  it('stays what it was while files are read anew', () => {
    const state = stateOf(['main.go'])
    const a = state.services.a as ServiceState
    const before = a.source.kind === 'known' ? a.source : undefined
    const source = { kind: 'scanning', run: 1, firstAt: 2000, startedAt: 2000, before } as const
    expect(ask({ ...state, services: { a: { ...a, source } } }).cause).toBe('files')
  })

  it('comes with what it failed with', () => {
    let it = session(projectOf(['a'])).start()
    it = it.do(scanned(it.state, 'a', '0')).start()
    it = it.do(buildFailed(it.state, 'a', boom))
    const reason = serviceReason({ state: it.state, service: 'a', batches: [], judge, context: '/shop/a' })
    expect(reason?.problem).toBe(explain(boom).title)
  })

  it('is not known before the files were read', () => {
    expect(ask(base)).toMatchObject({ cause: 'unread', files: [] })
  })
})
