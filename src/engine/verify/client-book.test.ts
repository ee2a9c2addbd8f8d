import { expect, test } from 'vitest'
import { type KubeObject, refKey } from '../../core/kube-object.js'
import { findDropped } from '../../core/prune/find-dropped.js'
import { clientRef } from '../../core/verify/left-clients.js'
import type { ControlRequest } from '../../ports/control-channel.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import { createFakeCluster } from '../../testing/fake-cluster.js'
import { createFakeJournal } from '../../testing/fake-journal.js'
import { answerClient, askedBook, journalBook, removeClients } from './client-book.js'

const client = { namespace: 'a', name: 'devloop-verify-0123abcd', token: 'mine' }
const key = refKey(clientRef(client))
const pod = (token: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...client, annotations: { 'devloop.dev/token': token } },
})

function rig() {
  const tools = { cluster: createFakeCluster(), journal: createFakeJournal(), clock: createFakeClock() }
  return { ...tools, tools }
}

const make = (cluster: ReturnType<typeof createFakeCluster>, token = client.token) =>
  cluster.apply(pod(token), { fieldManager: 'devloop', force: true })

test('a pod is in the journal before it is made, never among what was dropped, and not there once it is gone', async () => {
  const { journal } = rig()
  const entry = await journalBook(journal).expect(client)
  expect([...journal.state().objects.keys()]).toEqual([key])
  expect(findDropped(journal.state(), { objects: [] })).toEqual([])
  if (entry.ok) await entry.value.gone()
  expect(journal.state().objects.size).toBe(0)
})

test.each([
  ['the one that was expected goes', client.token, 0],
  ['one of that name which somebody else made stays', 'theirs', 1],
])('of a command that was killed: %s', async (_what, token, left) => {
  const { cluster, journal, tools } = rig()
  await journalBook(journal).expect(client)
  await make(cluster, token)
  await removeClients(tools)
  expect(cluster.objects.size).toBe(left)
  expect(journal.state().objects.size).toBe(0)
})

test('what the journal has besides is not touched', async () => {
  const { cluster, journal, tools } = rig()
  const ref = { ...clientRef(client), name: 'web' }
  await journal.append([{ type: 'intent', key: refKey(ref), ref, token: 't' }], { durable: true })
  await removeClients(tools)
  expect([...journal.state().objects.keys()]).toEqual([refKey(ref)])
  expect(cluster.applied).toEqual([])
})

test('a cluster that does not answer leaves it to the next command', async () => {
  const { cluster, journal, tools } = rig()
  await journalBook(journal).expect(client)
  await make(cluster)
  cluster.down = { kind: 'cluster-unreachable', message: 'no route', context: 'c' }
  await removeClients(tools)
  expect([...journal.state().objects.keys()]).toEqual([key])
})

test('beside an up, the up writes it, and takes the pod away when whoever made it is gone', async () => {
  const { cluster, journal, tools } = rig()
  const gone = new AbortController()
  const answers: Promise<unknown>[] = []
  const ask = (request: ControlRequest): Promise<unknown> => {
    if (request.type !== 'client') throw new Error(request.type)
    const answer = answerClient(tools, request, gone.signal)
    answers.push(answer)
    return answer
  }
  expect((await askedBook(ask).expect(client)).ok).toBe(true)
  expect([...journal.state().objects.keys()]).toEqual([key])
  await make(cluster)
  gone.abort()
  await Promise.all(answers)
  expect(cluster.objects.size).toBe(0)
  expect(journal.state().objects.size).toBe(0)
})

test.each([
  ['ended', undefined, 'the devloop up that was asked ended'],
  ['is an earlier version', { error: 'unknown request' }, expect.stringContaining('unknown request')],
])('an up that %s makes no entry', async (_what, answer, message) => {
  expect(await askedBook(async () => answer).expect(client)).toMatchObject({ ok: false, error: { message } })
})
