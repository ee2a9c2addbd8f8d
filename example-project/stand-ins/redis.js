/**
 * Stands in for a Redis server where the shop runs without a cluster: RESP2 with the commands that its queue needs, in memory.
 *
 *   PORT (6379): where it listens, at 127.0.0.1.
 */
import { createServer } from 'node:net'

const port = Number(process.env.PORT ?? 6379)

class Failure extends Error {}
const wrongType = () => new Failure('WRONGTYPE Operation against a key holding the wrong kind of value')

/** Texts, and sorted sets as maps from member to score. */
const values = new Map()
const textAt = key => {
  const value = values.get(key)
  if (value instanceof Map) throw wrongType()
  return value ?? null
}
const setAt = key => {
  const value = values.get(key) ?? new Map()
  if (!(value instanceof Map)) throw wrongType()
  return value
}

const scoreOf = text => {
  const score = /^[+-]?inf$/i.test(text)
    ? Number(text.toLowerCase().replace('inf', 'Infinity'))
    : Number(text)
  if (Number.isNaN(score) || text.trim() === '') throw new Failure('ERR value is not a valid float')
  return score
}
const indexOf = text => {
  if (!/^-?\d+$/.test(text)) throw new Failure('ERR value is not an integer or out of range')
  return Number(text)
}

/** Of members: by score, then by name. */
const sorted = members =>
  [...members].sort(([a, left], [b, right]) => left - right || (a < b ? -1 : a > b ? 1 : 0))

const OK = { simple: 'OK' }

/** Least number of arguments, and what the command answers. */
const commands = {
  ping: [0, ([text]) => text ?? { simple: 'PONG' }],
  select: [1, () => OK],
  client: [1, () => OK],
  info: [
    0,
    () => '# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n# Persistence\r\nloading:0\r\n',
  ],
  get: [1, ([key]) => textAt(key)],
  set: [
    2,
    ([key, value, option]) => {
      if (option !== undefined) throw new Failure('ERR syntax error')
      values.set(key, value)
      return OK
    },
  ],
  del: [1, keys => keys.filter(key => values.delete(key)).length],
  exists: [1, keys => keys.filter(key => values.has(key)).length],
  zadd: [
    3,
    ([key, ...pairs]) => {
      if (pairs.length % 2 !== 0) throw new Failure('ERR syntax error')
      const set = setAt(key)
      const before = set.size
      const scores = pairs.filter((_, index) => index % 2 === 0).map(scoreOf)
      for (const [index, score] of scores.entries()) set.set(pairs[index * 2 + 1], score)
      values.set(key, set)
      return set.size - before
    },
  ],
  zrem: [
    2,
    ([key, ...members]) => {
      const set = setAt(key)
      const removed = members.filter(member => set.delete(member)).length
      if (set.size === 0) values.delete(key)
      return removed
    },
  ],
  zcard: [1, ([key]) => setAt(key).size],
  zscore: [2, ([key, member]) => setAt(key).get(member)?.toString() ?? null],
  zrange: [
    3,
    ([key, first, last, option]) => {
      if (option !== undefined && option.toLowerCase() !== 'withscores') throw new Failure('ERR syntax error')
      const members = sorted(setAt(key))
      const from = (text, add) => Math.max(0, (indexOf(text) < 0 ? members.length : 0) + indexOf(text) + add)
      const range = members.slice(from(first, 0), from(last, 1))
      return range.flatMap(([member, score]) => (option === undefined ? [member] : [member, `${score}`]))
    },
  ],
}

function encode(value) {
  if (value === null) return '$-1\r\n'
  if (value instanceof Failure) return `-${value.message}\r\n`
  if (typeof value === 'number') return `:${value}\r\n`
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`
  if (Array.isArray(value)) return `*${value.length}\r\n${value.map(encode).join('')}`
  return `+${value.simple}\r\n`
}

function run([name = '', ...words]) {
  const found = Object.hasOwn(commands, name.toLowerCase()) ? commands[name.toLowerCase()] : undefined
  if (found === undefined) return new Failure(`ERR unknown command '${name}'`)
  const [least, execute] = found
  if (words.length < least) return new Failure(`ERR wrong number of arguments for '${name}' command`)
  try {
    return execute(words)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

/** One command at the front of the input, and where it ends; undefined where it is not all there yet. */
function takeCommand(input) {
  const lineAt = at => {
    const end = input.indexOf('\r\n', at)
    return end === -1 ? undefined : { text: input.toString('utf8', at, end), next: end + 2 }
  }
  const head = lineAt(0)
  if (head === undefined) return undefined
  // As a person types it.
  if (!head.text.startsWith('*')) return { words: head.text.split(' ').filter(Boolean), end: head.next }
  const words = []
  let at = head.next
  for (let left = Number(head.text.slice(1)); left > 0; left--) {
    const size = lineAt(at)
    if (size === undefined) return undefined
    const length = Number(size.text.slice(1))
    if (!size.text.startsWith('$') || !Number.isInteger(length) || length < 0)
      throw new Error('Protocol error')
    if (input.length < size.next + length + 2) return undefined
    words.push(input.toString('utf8', size.next, size.next + length))
    at = size.next + length + 2
  }
  return { words, end: at }
}

const sockets = new Set()
const server = createServer(socket => {
  sockets.add(socket)
  socket.setNoDelay(true)
  let buffered = Buffer.alloc(0)
  socket.on('data', chunk => {
    buffered = Buffer.concat([buffered, chunk])
    try {
      for (let taken = takeCommand(buffered); taken !== undefined; taken = takeCommand(buffered)) {
        buffered = buffered.subarray(taken.end)
        const [name = ''] = taken.words
        if (name.toLowerCase() === 'quit') socket.end(encode(OK))
        else if (name !== '') socket.write(encode(run(taken.words)))
      }
    } catch (error) {
      socket.end(`-ERR ${error.message}\r\n`)
    }
  })
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
})

function stop() {
  server.close()
  for (const socket of sockets) socket.destroy()
}

server.listen(port, '127.0.0.1', () =>
  console.log(`stands in for Redis at 127.0.0.1:${server.address().port}`),
)
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
