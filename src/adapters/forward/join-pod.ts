import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type PodForward, REFUSED } from '../../ports/pod-forward.js'
import type { PodChooser } from './pod-chooser.js'

/** Bytes that are kept until the pod says its first word, to be said again to another one if this one turns out to refuse. */
const REPLAY = 64 << 10
/**
 * Milliseconds without a byte from the pod after which a client that said all it had to say is taken to be gone. The kubelet's protocol has no way to
 * hand on the end of one direction, and containerd would end both one second after.
 */
const LAST_WORDS = 10_000

/** Joins one connection to a pod. Resolves false, with the connection closed, where no pod took it. */
export async function joinPod(client: Socket, chooser: PodChooser, forward: PodForward): Promise<boolean> {
  const gone = new AbortController()
  client.once('close', () => gone.abort())
  const since = Date.now()
  const tried = new Set<string>()
  let said: Buffer = Buffer.alloc(0)
  for (;;) {
    const endpoint = await chooser.pick(tried, since, gone.signal)
    if (gone.signal.aborted) return true
    if (endpoint === undefined) {
      client.destroy()
      return false
    }
    if (tried.has(endpoint.uid)) tried.clear()
    tried.add(endpoint.uid)
    const { namespace, pod, port } = endpoint
    const opened = await forward.open({ namespace, pod, port }, gone.signal)
    if (!opened.ok) continue
    if (gone.signal.aborted) {
      opened.value.destroy()
      return true
    }
    const end = await relay(client, opened.value, said)
    if (!end.refused) return true
    said = end.said
  }
}

type RelayEnd =
  | { readonly refused: false }
  /** Nothing listened at the pod's port, and nobody read a byte: `said` is what the client sent so far. */
  | { readonly refused: true; readonly said: Buffer }

/** Both ways until both ended. Each side is read only as fast as the other takes it. */
function relay(client: Socket, pod: Duplex, before: Buffer): Promise<RelayEnd> {
  return new Promise(resolve => {
    let said: Buffer | undefined = before
    let lastWords: NodeJS.Timeout | undefined
    let isOver = false
    const finish = (end: RelayEnd): void => {
      if (isOver) return
      isOver = true
      clearTimeout(lastWords)
      client.off('data', fromClient)
      client.off('end', clientEnded)
      client.off('close', clientClosed)
      client.off('drain', resumePod)
      pod.off('drain', resumeClient)
      pod.destroy()
      if (end.refused) client.pause()
      else letGo(client)
      resolve(end)
    }
    const resumeClient = (): void => void client.resume()
    const resumePod = (): void => void pod.resume()
    const fromClient = (chunk: Buffer): void => {
      if (said !== undefined)
        said = said.length + chunk.length > REPLAY ? undefined : Buffer.concat([said, chunk])
      if (!pod.write(chunk)) client.pause()
    }
    const waitForLastWords = (): void => {
      clearTimeout(lastWords)
      lastWords = setTimeout(() => finish({ refused: false }), LAST_WORDS)
    }
    const clientEnded = (): void => waitForLastWords()
    const clientClosed = (): void => finish({ refused: false })
    client.on('data', fromClient)
    client.on('end', clientEnded)
    client.on('close', clientClosed)
    client.on('drain', resumePod)
    pod.on('drain', resumeClient)
    pod.on('data', (chunk: Buffer) => {
      said = undefined
      if (lastWords !== undefined) waitForLastWords()
      if (!client.write(chunk)) pod.pause()
    })
    pod.on('end', () => finish({ refused: false }))
    pod.on('close', () => finish({ refused: false }))
    pod.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === REFUSED && said !== undefined) finish({ refused: true, said })
      else {
        // A connection that broke must not look like one that ended.
        client.resetAndDestroy()
        finish({ refused: false })
      }
    })
    if (client.readableEnded) waitForLastWords()
    if (before.length > 0) pod.write(before)
    client.resume()
  })
}

/** Ends a connection so that what was written to it arrives: closing it with bytes unread would have the system reset it. */
function letGo(client: Socket): void {
  if (client.destroyed) return
  client.end()
  client.resume()
  const timer = setTimeout(() => client.destroy(), LAST_WORDS)
  client.once('close', () => clearTimeout(timer))
}
