import { expect, test } from 'vitest'
import type { SyncRule } from '../core/project.js'
import {
  applied,
  built,
  connected,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rollout,
  scanned,
  serviceSpec,
  session,
} from '../testing/states.js'
import { createGuard } from './guard.js'
import { prepareSync } from './prepare-sync.js'
import { createStore } from './store.js'

const rule: SyncRule = { match: '*.js', strip: '', to: '/app/', after: { kind: 'nothing' } }
const image = 'shop/a:dev-1'
const object = linkedObject('Deployment', 'a', { services: ['a'] })

/** A service whose pod comes onto two nodes, one after the other; the nodes that were made ready. */
function preparedFor(sync: readonly SyncRule[]): readonly string[] {
  let it = session(projectOf([serviceSpec('a', { sync })])).start()
  it = it.do(connected(it.state), rendered(it.state, object)).start()
  it = it.do(rendered(it.state, object), scanned(it.state, 'a', '0')).start()
  it = it.do(built(it.state, 'a', '1')).start()
  it = it.do(loaded(it.state, image)).start()
  const { state } = it.do(applied(it.state, object.key))
  const store = createStore({ initial: state, now: () => 0, tell: () => {} })
  const nodes: string[] = []
  const files = {
    prepare: async (node: string) => void nodes.push(node),
    write: async () => Promise.reject(new Error('nothing is written here')),
    restart: async () => Promise.reject(new Error('nothing is started here')),
    run: async () => Promise.reject(new Error('nothing is run here')),
    close: async () => {},
  }
  const prepare = prepareSync(store, { files, guard: createGuard(store) })
  const see = (nodeName: string, running: boolean): void => {
    const containers = [
      {
        name: 'a',
        image,
        init: false,
        sidecar: false,
        ready: running,
        started: running,
        restarts: 0,
        ...(running ? { containerId: 'c1' } : {}),
        state: running
          ? { kind: 'running' as const, startedAt: '' }
          : { kind: 'waiting' as const, reason: 'ContainerCreating', message: '' },
      },
    ]
    const observations = rollout(object.key, { ready: running, over: { nodeName, containers } })
    store.dispatch({ type: 'observed', observations })
    prepare.refresh()
  }
  see('one', false)
  see('one', true)
  see('one', true)
  see('two', true)
  return nodes
}

test('the way to a node is made ready once a container runs there whose files are brought into it', () => {
  expect(preparedFor([rule])).toEqual(['one', 'two'])
  expect(preparedFor([])).toEqual([])
})
