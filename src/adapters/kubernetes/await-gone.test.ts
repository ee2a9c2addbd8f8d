import { expect, test } from 'vitest'
import { ok } from '../../core/result.js'
import { awaitGone } from './await-gone.js'
import type { KubeHttp, KubeResponse } from './http-client.js'

const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'migrate' }
const resource = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  plural: 'jobs',
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
}

const answering = (status: number, body: unknown) =>
  ({
    context: 'kind-dev',
    request: async () => ok<KubeResponse>({ status, headers: {}, warnings: [], body: JSON.stringify(body) }),
  }) as unknown as KubeHttp

test.each<[string, number, unknown, boolean]>([
  ['an empty list', 200, { metadata: { resourceVersion: '1' }, items: null }, true],
  ['another object under the name', 200, { items: [{ metadata: { uid: 'later' } }] }, true],
  ['a kind that is no longer served', 404, { kind: 'Status', code: 404 }, true],
  ['a refusal to list', 403, { kind: 'Status', code: 403, message: 'jobs is forbidden' }, false],
  ['a server in trouble', 500, { kind: 'Status', code: 500, message: 'etcdserver: no leader' }, false],
])('%s', async (_, status, body, isGone) => {
  const gone = await awaitGone(answering(status, body), resource, { ref, uid: 'earlier' })
  expect(gone.ok).toBe(isGone)
})
