import type { RawData, WebSocket } from 'ws'
import { bytesOf } from './open-socket.js'
import { ForwardStream } from './pod-forward-stream.js'
import { createFrameReader, dataFrame, pingFrame, type SpdyFrame, synStream } from './spdy-frames.js'

/** Milliseconds that a node has to take a new stream: it asks nobody for that. */
const REPLY = 5000
/** Milliseconds that a node has to end a connection that nobody wants any more; containerd waits one second for the program's end. */
const END = 3000
/** Bytes that still come on such a connection, above which ending the whole tunnel is cheaper. */
const REST = 256 << 10

/** Several connections to a port of one pod, one after the other, over one WebSocket. */
export interface ForwardTunnel {
  /** The next connection; undefined where the tunnel takes none any more. Only called when the one before is over. */
  open(port: number): Promise<ForwardStream | undefined>
  close(): void
}

interface Current {
  readonly data: number
  readonly error: number
  /** Told once whether the node took the stream. */
  readonly settle: (stream: ForwardStream | undefined) => void
  stream: ForwardStream | undefined
  message: string
  /** Bytes that came after nobody wanted them. */
  rest: number
  /** Nobody wants it any more, and the node was told. */
  isLeft: boolean
  /** The end of what the node sends on either stream. */
  dataEnded: boolean
  errorEnded: boolean
  /** The node ended its streams for good: it does not wait for anything that was sent on them. */
  isReset: boolean
  timer: NodeJS.Timeout | undefined
}

/**
 * A tunnel of SPDY frames, as kubectl has it. It carries one connection at a time: the node has no flow control for each, so one that is read slowly would
 * hold up all others. What a new connection then costs is two small frames, where a new WebSocket costs the API server, the kubelet and the
 * container runtime a handshake each, some 30 ms of processor time in all: programs that close each connection, as busybox and many development servers do, had
 * half of a machine of two cores at 30 requests a second.
 */
export function createForwardTunnel(
  socket: WebSocket,
  { onFree, onClose }: { readonly onFree: () => void; readonly onClose: () => void },
): ForwardTunnel {
  let nextStream = 1
  let pending = 0
  let isLast = false
  let current: Current | undefined

  const send = (frame: Buffer, done?: (error?: Error | null) => void): void => {
    pending += 1
    socket.send(frame, error => {
      pending -= 1
      done?.(error)
    })
  }

  /** Whether the node is done with a connection, and with all that was sent on it. */
  const isClean = ({ isLeft, isReset, message }: Current): boolean =>
    message === '' ? isLeft : isReset && /connection refused/i.test(message)

  const release = (over: Current): void => {
    clearTimeout(over.timer)
    current = undefined
    if (isLast || !isClean(over) || pending > 0) socket.terminate()
    else onFree()
  }

  /** The connection is over when both streams ended: why it was never made is said after the end of its data. */
  const bothEnded = (over: Current): void => {
    const { stream, message } = over
    if (stream === undefined) {
      over.settle(undefined)
      socket.terminate()
      return
    }
    if (over.isLeft) release(over)
    else if (message !== '') stream.failed(message)
    else stream.ended()
  }

  const leave = (left: Current): void => {
    if (left !== current) return
    const hasEnded = left.dataEnded && left.errorEnded
    if (hasEnded) {
      release(left)
      return
    }
    if (pending > 0 || socket.readyState !== socket.OPEN) {
      socket.terminate()
      return
    }
    left.isLeft = true
    left.timer = setTimeout(() => socket.terminate(), END).unref()
    send(dataFrame(left.data, Buffer.alloc(0), true))
    socket.resume()
  }

  const take = (frame: SpdyFrame): void => {
    if (frame.type === 'goaway') isLast = true
    if (frame.type === 'ping' && frame.id % 2 === 0) send(pingFrame(frame.id))
    if (frame.type === 'goaway' || frame.type === 'ping' || current === undefined) return
    const { stream } = frame
    const of = stream === current.data ? 'data' : stream === current.error ? 'error' : undefined
    if (of === undefined) return
    if (frame.type === 'reply' && of === 'data' && current.stream === undefined) {
      clearTimeout(current.timer)
      current.stream = streamOf(current)
      current.settle(current.stream)
    }
    if (frame.type === 'data') {
      if (of === 'error') current.message += frame.chunk.toString('utf8')
      else if (current.isLeft) {
        current.rest += frame.chunk.length
        if (current.rest > REST) {
          socket.terminate()
          return
        }
      } else current.stream?.arrived(frame.chunk)
    }
    if (frame.type === 'reset') current.isReset = true
    if (frame.type === 'reset' || frame.isLast) {
      if (of === 'data') current.dataEnded = true
      else current.errorEnded = true
      if (current.dataEnded && current.errorEnded) bothEnded(current)
    }
  }

  const streamOf = (one: Current): ForwardStream =>
    new ForwardStream({
      get isOpen() {
        return socket.readyState === socket.OPEN && one === current && !one.dataEnded
      },
      send: (chunk, done) => send(dataFrame(one.data, chunk, false), done),
      pause: () => {
        if (one === current) socket.pause()
      },
      resume: () => {
        if (one === current) socket.resume()
      },
      leave: () => leave(one),
    })

  const read = createFrameReader(take)
  socket.on('message', (data: RawData) => read(bytesOf(data)))
  socket.on('error', error => current?.stream?.destroy(error))
  socket.on('close', () => {
    const over = current
    current = undefined
    clearTimeout(over?.timer)
    over?.settle(undefined)
    over?.stream?.ended()
    onClose()
  })
  socket.resume()

  return {
    open: port =>
      new Promise(resolve => {
        if (isLast || socket.readyState !== socket.OPEN) {
          resolve(undefined)
          return
        }
        const error = nextStream
        const data = error + 2
        nextStream += 4
        const request = { port: String(port), requestid: String(error) }
        current = {
          data,
          error,
          settle: resolve,
          stream: undefined,
          message: '',
          rest: 0,
          isLeft: false,
          dataEnded: false,
          errorEnded: false,
          isReset: false,
          timer: setTimeout(() => socket.terminate(), REPLY).unref(),
        }
        send(
          Buffer.concat([
            synStream({
              stream: error,
              headers: { streamtype: 'error', ...request },
              isLast: true,
              isFirst: error === 1,
            }),
            synStream({
              stream: data,
              headers: { streamtype: 'data', ...request },
              isLast: false,
              isFirst: false,
            }),
          ]),
        )
      }),
    close: () => socket.terminate(),
  }
}
