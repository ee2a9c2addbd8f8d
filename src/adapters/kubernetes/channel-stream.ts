import type { RawData, WebSocket } from 'ws'
import { bytesOf } from './open-socket.js'
import { ForwardStream } from './pod-forward-stream.js'

const DATA = 0
const ERROR = 1

/**
 * A connection to a port of a pod that has a WebSocket to itself. Each channel begins with the port's number, in two bytes.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/cri/streaming/portforward/websocket.go
 */
export function channelStream(socket: WebSocket): ForwardStream {
  const headsLeft = new Set([DATA, ERROR])
  const stream = new ForwardStream({
    get isOpen() {
      return socket.readyState === socket.OPEN
    },
    send: (chunk, done) => socket.send(Buffer.concat([Buffer.of(DATA), chunk]), done),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    leave: () => socket.terminate(),
  })
  socket.on('message', (data: RawData) => {
    const frame = bytesOf(data)
    const channel = frame[0] ?? -1
    const body = frame.subarray(headsLeft.delete(channel) ? 3 : 1)
    if (body.length === 0) return
    if (channel === DATA) stream.arrived(body)
    if (channel === ERROR) stream.failed(body.toString('utf8'))
  })
  socket.on('error', error => stream.destroy(error))
  socket.on('close', () => stream.ended())
  socket.resume()
  return stream
}
