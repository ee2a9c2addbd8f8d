import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { KubeObject } from '../../../src/core/kube-object.js'

/** The API server by one proxy of kubectl's: reads by the hundred need no process each, nor any code that is tested. */
export interface ApiProxy extends AsyncDisposable {
  /** The object or the list at a path, or undefined where there is none. */
  get<T = KubeObject>(path: string): Promise<T | undefined>
  /** Makes an object in a collection as `kubectl create` does. */
  create(collection: string, object: KubeObject): Promise<void>
}

export async function openApiProxy(context: string): Promise<ApiProxy> {
  const child = spawn('kubectl', ['--context', context, 'proxy', '--port=0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const port = /:(\d+)$/.exec(line.trim())?.[1]
  if (port === undefined) throw new Error(`kubectl proxy said: ${line}`)
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`
  return {
    get: async <T>(path: string) => {
      const answer = await fetch(url(path))
      if (answer.status === 404) return undefined
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as T
    },
    create: async (collection, object) => {
      const answer = await fetch(url(`${collection}?fieldManager=kubectl-create`), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(object),
      })
      if (!answer.ok) throw new Error(`${collection}: ${answer.status} ${await answer.text()}`)
    },
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await ended
    },
  }
}
