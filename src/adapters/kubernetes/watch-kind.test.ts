import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { ok } from '../../core/result.js'
import type { KubeHttp } from './http-client.js'
import { createObserver } from './observer.js'

/** An API server of one collection, whose watches are silent until the test writes to them. */
function silentServer() {
  const watches: { readonly path: string; readonly body: PassThrough }[] = []
  const opened = new PassThrough({ objectMode: true })
  let closed = 0
  const http = {
    request: async () =>
      ok({
        status: 200,
        headers: {},
        warnings: [],
        body: JSON.stringify({ metadata: { resourceVersion: '7' }, items: [] }),
      }),
    stream: async ({ path }: { readonly path: string }) => {
      const body = new PassThrough()
      watches.push({ path, body })
      opened.write(path)
      return ok({ status: 200, headers: {}, body })
    },
    close: () => {
      closed += 1
    },
  } as unknown as KubeHttp
  return { http, watches, opened, closed: () => closed }
}

test('a watch that is connected anew goes on where it was', async () => {
  const server = silentServer()
  const observer = createObserver({ http: server.http })
  const stop = new AbortController()
  const seen: string[] = []
  observer.follow(
    { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses' },
    name => seen.push(name),
    stop.signal,
  )
  await once(server.opened, 'data')
  const object = { metadata: { name: 'fast', uid: 'u', resourceVersion: '9' } }
  server.watches[0]?.body.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
  await expect.poll(() => seen).toEqual(['fast'])
  observer.redial?.()
  await once(server.opened, 'data')
  expect(server.closed()).toBe(1)
  expect(server.watches.map(({ path }) => /resourceVersion=(\d+)/.exec(path)?.[1])).toEqual(['7', '9'])
  stop.abort()
  for (const { body } of server.watches) body.destroy()
})
