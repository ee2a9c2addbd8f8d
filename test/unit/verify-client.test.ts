import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClientReader } from '../../src/core/verify/client-lines.js'
import { clientCommand } from '../../src/core/verify/client-script.js'

const run = promisify(execFile)

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  return undefined
}

const PROGRAMS = ['node', 'curl', 'wget', 'bash'] as const
const present = new Map<string, string>()
for (const name of [...PROGRAMS, 'sh', 'sleep', 'timeout']) {
  const file = name === 'node' ? process.execPath : await findProgram(name)
  if (file !== undefined) present.set(name, file)
}

let server: Server
let folder: string
/** Requests that came, by path. */
const came = new Map<string, number>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-verify-'))
  server = createServer((request, response) => {
    const path = request.url ?? ''
    came.set(path, (came.get(path) ?? 0) + 1)
    if (path.startsWith('/slow')) return
    if (path.startsWith('/reset')) {
      request.socket.destroy()
      return
    }
    response.statusCode = Number(/\d{3}/.exec(path)?.[0] ?? 200)
    response.end('x')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs the client where nothing but this program is on PATH. */
async function client(program: string, path: string, port: number) {
  const own = await mkdtemp(join(folder, 'path-'))
  for (const name of [program, 'sleep', 'timeout']) {
    const file = present.get(name)
    if (file !== undefined) await symlink(file, join(own, name))
  }
  const target = { host: '127.0.0.1', port, path, rate: 20, seconds: 0.1 }
  const { command, env } = clientCommand(target)
  const [, ...args] = command
  const { stdout } = await run(present.get('sh') ?? 'sh', args, {
    env: { PATH: own, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) },
    timeout: 20_000,
  })
  const read = createClientReader()
  return stdout.split('\n').flatMap(line => read(line, 0) ?? [])
}

describe.each(PROGRAMS)('the client with %s', program => {
  const test = it.skipIf(!present.has(program))

  test.each<[path: string, expected: object]>([
    ['/', { kind: 'answered', status: 200 }],
    ['/status503', { kind: 'failed', cause: 'server-error' }],
    ['/reset', { kind: 'failed', cause: 'reset' }],
    ['/slow', { kind: 'failed', cause: 'timeout' }],
  ])('asks twice for %s, each once', async (path, expected) => {
    const { port } = server.address() as AddressInfo
    const named = `${path}${path === '/' ? '' : '-'}${program}`
    const [first, ...samples] = await client(program, named, port)
    expect(first).toEqual({ type: 'client', program })
    expect(samples).toMatchObject([
      { type: 'sample', sample: { result: expected } },
      { type: 'sample', sample: { result: expected } },
    ])
    expect(came.get(named)).toBe(2)
  })

  test('tells that nobody listens', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    other.close()
    await once(other, 'close')
    const [, ...samples] = await client(program, '/', port)
    const refused = { type: 'sample', sample: { result: { kind: 'failed', cause: 'refused' } } }
    expect(samples).toMatchObject([refused, refused])
  })
})

it('says so where there is none of them', async () => {
  await expect(client('none', '/', 1)).rejects.toMatchObject({ code: 64, stdout: 'X\n' })
})
