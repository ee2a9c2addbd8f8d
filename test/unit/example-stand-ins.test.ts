import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../example-project/stand-ins')
const started: ChildProcess[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const child of started.splice(0)) {
    if (child.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
})

/** Starts one at any free port; resolves with the process and its port. */
async function start(name: string) {
  const child = spawn(process.execPath, [join(folder, name)], {
    env: { PORT: '0', PORT_8222: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, port: Number(/:(\d+)$/.exec(line)?.[1]) }
}

/** A connection that sends, and reads until what came matches. */
async function client(port: number) {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let received = ''
  const waiting = new Set<() => void>()
  socket.on('data', chunk => {
    received += String(chunk)
    for (const check of [...waiting]) check()
  })
  await once(socket, 'connect')
  return {
    send: (text: string) => socket.write(text),
    closed: once(socket, 'end'),
    received: () => received,
    /** Takes what came up to and with the match. */
    until: (pattern: RegExp) =>
      new Promise<string>(resolve => {
        const check = () => {
          const found = pattern.exec(received)
          if (found === null) return
          waiting.delete(check)
          const taken = received.slice(0, found.index + found[0].length)
          received = received.slice(taken.length)
          resolve(taken)
        }
        waiting.add(check)
        check()
      }),
  }
}

const CONNECT = 'CONNECT {"verbose":false,"headers":true}\r\n'

describe('the stand-in for NATS', () => {
  it('carries messages by subject, wildcard and queue group, and in pieces', async () => {
    const { port, child } = await start('nats.js')
    const reader = await client(port)
    await reader.until(/^INFO \{.*\}\r\n/)
    reader.send(`${CONNECT}SUB booking.* 1\r\nSUB booking.> work 2\r\nSUB booking.created work 3\r\nPING\r\n`)
    await reader.until(/PONG\r\n/)
    const writer = await client(port)
    await writer.until(/INFO .*\r\n/)
    writer.send(`${CONNECT}PUB booking.created reply.to 5\r\nhe`)
    writer.send('llo\r\nPUB tours 1\r\nx\r\nHPUB booking.a.b 12 14\r\nNATS/1.0\r\n\r\nok\r\nPING\r\n')
    await writer.until(/PONG\r\n/)
    const came = await reader.until(/HMSG booking\.a\.b 2 12 14\r\nNATS\/1\.0\r\n\r\nok\r\n/)
    expect(came).toContain('MSG booking.created 1 reply.to 5\r\nhello\r\n')
    // One of the group has it.
    expect(came.match(/MSG booking\.created [23] reply\.to 5\r\nhello\r\n/g)).toHaveLength(1)
    expect(came).not.toContain('tours')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('forgets a subscription, at once or after so many messages', async () => {
    const { port } = await start('nats.js')
    const one = await client(port)
    one.send(
      `${CONNECT}SUB a 1\r\nSUB a 2\r\nUNSUB 1\r\nUNSUB 2 1\r\nPUB a 1\r\nx\r\nPUB a 1\r\ny\r\nPING\r\n`,
    )
    expect(await one.until(/PONG\r\n/)).toMatch(/^INFO .*\r\nMSG a 2 1\r\nx\r\nPONG\r\n$/)
  })

  it('ends a connection that speaks something else', async () => {
    const { port } = await start('nats.js')
    const one = await client(port)
    one.send('GET / HTTP/1.1\r\n\r\n')
    await one.until(/-ERR 'Unknown Protocol Operation'\r\n/)
  })
})

const resp = (...words: readonly string[]) =>
  `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

describe('the stand-in for Redis', () => {
  it.each<[commands: readonly (readonly string[])[], answer: string]>([
    [[['PING']], '+PONG\r\n'],
    [
      [
        ['SET', 'a', 'é'],
        ['GET', 'a'],
        ['GET', 'b'],
      ],
      '+OK\r\n$2\r\né\r\n$-1\r\n',
    ],
    [
      [
        ['ZADD', 'q', '2', 'b', '1', 'a'],
        ['ZADD', 'q', '3', 'a'],
      ],
      ':2\r\n:0\r\n',
    ],
    [
      [
        ['ZADD', 'q', '2', 'b', '1', 'a'],
        ['ZRANGE', 'q', '0', '0', 'WITHSCORES'],
        ['ZRANGE', 'q', '0', '-1'],
      ],
      ':2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n',
    ],
    [
      [
        ['ZADD', 'q', '1', 'a'],
        ['ZREM', 'q', 'a', 'x'],
        ['ZRANGE', 'q', '0', '0', 'WITHSCORES'],
      ],
      ':1\r\n:1\r\n*0\r\n',
    ],
    [
      [
        ['SET', 'a', '1'],
        ['ZADD', 'a', '1', 'x'],
      ],
      '+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
    ],
    [[['ZADD', 'q', 'x', 'a']], '-ERR value is not a valid float\r\n'],
    [[['FLUSHALL']], "-ERR unknown command 'FLUSHALL'\r\n"],
    [[['GET']], "-ERR wrong number of arguments for 'GET' command\r\n"],
  ])('%j', async (commands, answer) => {
    const { port } = await start('redis.js')
    const one = await client(port)
    one.send(commands.map(words => resp(...words)).join('') + resp('QUIT'))
    await one.closed
    expect(one.received()).toBe(`${answer}+OK\r\n`)
  })

  it('takes a command in pieces', async () => {
    const { port } = await start('redis.js')
    const one = await client(port)
    one.send('*1\r\n$4\r')
    one.send('\nPI')
    one.send('NG\r\n')
    await one.until(/^\+PONG\r\n/)
  })
})
