/**
 * Stands in for a NATS server where the shop runs without a cluster: the client protocol as far as core NATS goes (publish, subscribe with wildcards and queue
 * groups, request and reply, headers), and `/healthz`. No accounts, no TLS, no JetStream.
 *
 *   PORT (4222), PORT_8222: where it listens, at 127.0.0.1.
 */
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'

const MAX_PAYLOAD = 1024 * 1024
const port = Number(process.env.PORT ?? 4222)
const monitorPort = Number(process.env.PORT_8222 ?? 8222)

/** Subscriptions by connection: `{ subject, queue, sid, left }`. */
const clients = new Map()
let ids = 0

const broker = createServer(socket => {
  const id = ++ids
  const client = { socket, subscriptions: new Map(), verbose: false, echo: true, headers: false }
  clients.set(id, client)
  socket.setNoDelay(true)
  socket.write(
    `INFO ${JSON.stringify({
      server_id: 'stand-in',
      server_name: 'stand-in',
      version: '2.10.0',
      proto: 1,
      host: '127.0.0.1',
      port,
      headers: true,
      max_payload: MAX_PAYLOAD,
      client_id: id,
    })}\r\n`,
  )
  let buffered = Buffer.alloc(0)
  socket.on('data', chunk => {
    buffered = Buffer.concat([buffered, chunk])
    try {
      buffered = takeCommands(client, buffered)
    } catch (error) {
      socket.end(`-ERR '${error.message}'\r\n`)
    }
  })
  socket.on('error', () => {})
  socket.on('close', () => clients.delete(id))
})

/** Does what is complete, and returns the rest. */
function takeCommands(client, input) {
  let rest = input
  for (;;) {
    const end = rest.indexOf('\r\n')
    if (end === -1) {
      if (rest.length > 4096) throw new Error('Maximum Control Line Exceeded')
      return rest
    }
    const [name, ...words] = rest.toString('utf8', 0, end).trim().split(/\s+/)
    const command = name.toUpperCase()
    const size = command === 'PUB' || command === 'HPUB' ? Number(words.at(-1)) : undefined
    if (size === undefined) {
      rest = rest.subarray(end + 2)
      if (name !== '') answer(client, command, words)
      continue
    }
    if (!Number.isInteger(size) || size < 0 || size > MAX_PAYLOAD)
      throw new Error('Maximum Payload Violation')
    if (rest.length < end + 2 + size + 2) return rest
    publish(client, command, words, rest.subarray(end + 2, end + 2 + size))
    rest = rest.subarray(end + 2 + size + 2)
  }
}

function answer(client, command, words) {
  switch (command) {
    case 'CONNECT': {
      const options = JSON.parse(words.join(' '))
      client.verbose = options.verbose === true
      client.echo = options.echo !== false
      client.headers = options.headers === true
      break
    }
    case 'PING':
      client.socket.write('PONG\r\n')
      return
    case 'PONG':
      return
    case 'SUB': {
      const [subject, queue] = words.length === 3 ? [words[0], words[1]] : [words[0], undefined]
      client.subscriptions.set(words.at(-1), { subject: subject.split('.'), queue, left: Infinity })
      break
    }
    case 'UNSUB': {
      const subscription = client.subscriptions.get(words[0])
      if (words[1] === undefined) client.subscriptions.delete(words[0])
      else if (subscription !== undefined) subscription.left = Number(words[1])
      break
    }
    default:
      throw new Error('Unknown Protocol Operation')
  }
  if (client.verbose) client.socket.write('+OK\r\n')
}

/** PUB subject [reply] size; HPUB subject [reply] headers size. */
function publish(client, command, words, payload) {
  const withHeaders = command === 'HPUB'
  const numbers = withHeaders ? 2 : 1
  const [subject, reply] = words.slice(0, words.length - numbers)
  const headerSize = withHeaders ? Number(words.at(-2)) : 0
  const tokens = subject.split('.')
  const groups = new Map()
  for (const receiver of clients.values()) {
    if (receiver === client && !client.echo) continue
    for (const [sid, subscription] of receiver.subscriptions) {
      if (!matches(subscription.subject, tokens)) continue
      const target = { receiver, sid, subscription }
      if (subscription.queue === undefined) deliver(target, { subject, reply, payload, headerSize })
      else groups.set(subscription.queue, [...(groups.get(subscription.queue) ?? []), target])
    }
  }
  // One of each queue group.
  for (const targets of groups.values()) {
    const target = targets[Math.floor(Math.random() * targets.length)]
    deliver(target, { subject, reply, payload, headerSize })
  }
  if (client.verbose) client.socket.write('+OK\r\n')
}

function deliver({ receiver, sid, subscription }, { subject, reply, payload, headerSize }) {
  const body = receiver.headers ? payload : payload.subarray(headerSize)
  const isHeaded = receiver.headers && headerSize > 0
  const words = [
    isHeaded ? 'HMSG' : 'MSG',
    subject,
    sid,
    ...(reply === undefined ? [] : [reply]),
    ...(isHeaded ? [headerSize] : []),
    body.length,
  ]
  receiver.socket.write(Buffer.concat([Buffer.from(`${words.join(' ')}\r\n`), body, Buffer.from('\r\n')]))
  subscription.left -= 1
  if (subscription.left <= 0) receiver.subscriptions.delete(sid)
}

/** `*` is one token, `>` one or more at the end. */
function matches(pattern, subject) {
  for (const [index, token] of pattern.entries()) {
    if (token === '>') return subject.length > index
    if (index >= subject.length || (token !== '*' && token !== subject[index])) return false
  }
  return pattern.length === subject.length
}

const monitor = createHttpServer((request, response) => {
  const found = request.url === '/healthz'
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ status: found ? 'ok' : 'not found' }))
})

function stop() {
  monitor.close()
  monitor.closeAllConnections()
  broker.close()
  for (const { socket } of clients.values()) socket.destroy()
}

broker.listen(port, '127.0.0.1', () =>
  console.log(`stands in for NATS at 127.0.0.1:${broker.address().port}`),
)
monitor.listen(monitorPort, '127.0.0.1')
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
