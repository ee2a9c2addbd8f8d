import { expect, test } from 'vitest'
import { initialState } from '../core/reduce.js'
import { createFakeFileWatcher } from '../testing/fake-file-watcher.js'
import { createFakeSourceTree } from '../testing/fake-source-tree.js'
import { projectOf, SOURCE, upMode } from '../testing/states.js'
import { createStore } from './store.js'
import { watchProject } from './watch-files.js'

/** A watch that is open before the manifests are read, and a way to end that reading. */
async function open() {
  const watcher = createFakeFileWatcher()
  const project = projectOf(['a'])
  const store = createStore({ initial: initialState(project, upMode), now: () => 1000, tell: () => {} })
  const tree = createFakeSourceTree({ '/shop/a/main.go': 'a 0' })
  const watching = await watchProject({ watcher, tree, store, now: () => 1000, onConfig: async () => {} })
  if (!watching.ok) throw new Error(JSON.stringify(watching.error))
  const { refresh } = watching.value
  const read = async (run: number): Promise<void> => {
    store.dispatch({ type: 'render-started', run })
    await refresh()
    store.dispatch({
      type: 'render-finished',
      run,
      manifests: { objects: [], namespacesNeeded: [], diagnostics: [] },
      inputs: { files: [SOURCE.file], folders: ['/shop/k8s'], trees: [] },
    })
    await refresh()
  }
  return { watcher, store, read }
}

test('manifests that were saved before the watch on them began are read again, once', async () => {
  const { watcher, store, read } = await open()
  watcher.touched = true
  await read(1)
  expect(watcher.watched).toContain('/shop/k8s')
  expect(store.getState().render.due).toBe(true)
  await read(2)
  expect(store.getState().render.due).toBe(false)
})

test('manifests that nobody touched are read once', async () => {
  const { watcher, store, read } = await open()
  await read(1)
  expect(watcher.watched).toContain('/shop/k8s')
  expect(store.getState().render.due).toBe(false)
})
