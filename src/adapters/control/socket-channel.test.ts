import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Answer } from '../../ports/control-channel.js'
import { socketChannel } from './socket-channel.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function serve(
  answer: Answer,
): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-socket-'))
  ends.push(() => rm(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const served = await socketChannel.serve(path, answer)
  if (!served.ok) throw new Error(served.error.kind)
  ends.push(served.value.close)
  return { path, close: served.value.close }
}

test('an answer that takes its time is sent when it is there, and others do not wait for it', async () => {
  let release: (value: unknown) => void = () => {}
  const { path } = await serve(({ type }) =>
    type === 'wait' ? new Promise(resolve => (release = resolve)) : { at: 'once' },
  )
  const held = socketChannel.ask(path, { type: 'wait', services: [] }, { patience: undefined })
  expect(await socketChannel.ask(path, { type: 'status' })).toEqual({ at: 'once' })
  release({ kind: 'live' })
  expect(await held).toEqual({ kind: 'live' })
})

test('who asked and went away is known to have gone', async () => {
  let gone: (value: string) => void = () => {}
  const noticed = new Promise<string>(resolve => (gone = resolve))
  let asked: () => void = () => {}
  const arrived = new Promise<void>(resolve => (asked = resolve))
  const { path } = await serve((_request, signal) => {
    asked()
    return new Promise(() => signal.addEventListener('abort', () => gone('gone')))
  })
  const abort = new AbortController()
  const held = socketChannel.ask(path, { type: 'status' }, { patience: undefined, signal: abort.signal })
  await arrived
  abort.abort()
  expect(await held).toBeUndefined()
  expect(await noticed).toBe('gone')
})

test('a server that ends answers none, and one that is not there neither', async () => {
  let asked: () => void = () => {}
  const arrived = new Promise<void>(resolve => (asked = resolve))
  const { path, close } = await serve(() => {
    asked()
    return new Promise(() => {})
  })
  const held = socketChannel.ask(path, { type: 'status' }, { patience: undefined })
  await arrived
  await close()
  expect(await held).toBeUndefined()
  expect(await socketChannel.ask(path, { type: 'status' })).toBeUndefined()
})

test('an answer that fails is an error in words', async () => {
  const { path } = await serve(() => Promise.reject(new Error('boom')))
  expect(await socketChannel.ask(path, { type: 'status' })).toEqual({ error: 'boom' })
})
