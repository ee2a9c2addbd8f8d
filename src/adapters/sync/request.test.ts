import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FileShrankError, RECORD } from './archive.js'
import { parseAnswer, restartRequest, writeRequest } from './request.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-request-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, bytes: number) {
  const from = join(folder, name)
  await writeFile(from, Buffer.alloc(bytes, 'x'))
  return { kind: 'file' as const, to: `/app/${name}`, from, mode: 0o640 }
}

async function sent(changes: Parameters<typeof writeRequest>[1]) {
  const request = await writeRequest('abc', changes)
  if (!request.ok) throw new Error(request.error.message)
  const bytes = Buffer.concat(
    (await Readable.from(request.value.send()).toArray()).map((chunk: Uint8Array | string) =>
      Buffer.from(chunk),
    ),
  )
  const end = bytes.indexOf('\n', bytes.indexOf('\nwrite ') + 1) + 1
  return { head: String(bytes.subarray(0, end)), archive: bytes.subarray(end), bytes: request.value.bytes }
}

test('files first, deletions last; what is gone again is left out', async () => {
  const { head, archive, bytes } = await sent([
    { kind: 'delete', to: '/app/old' },
    await file('a b.js', 5),
    { kind: 'file', to: '/app/gone', from: join(folder, 'none'), mode: 0o644 },
    { kind: 'link', to: '/app/é', target: '../é' },
    { kind: 'folder', to: '/app/empty' },
  ])
  expect(head).toBe(
    'container abc\nfile 0 640 5 /app/a b.js\nlink 1 644 5 /app/é\nfolder /app/empty\ndelete /app/old\nwrite 1\n',
  )
  expect([archive.length, bytes]).toEqual([RECORD, 5])
})

test.each([0, 1, 511, 512, 513, 10_240, 200_000])(
  'a file of %i bytes is an entry that tar reads',
  async size => {
    const { head, archive } = await sent([await file('f', size), await file('g', 3)])
    expect(head).toContain(`write ${archive.length / RECORD}\n`)
    const seen: (readonly [string, number, number])[] = []
    const tar = extract()
    tar.on('entry', (header, stream, next) => {
      let length = 0
      stream.on('data', (chunk: unknown) => {
        length += (chunk as Uint8Array).length
      })
      stream.on('end', () => {
        seen.push([header.name, header.mode ?? 0, length])
        next()
      })
    })
    await pipeline(Readable.from([archive]), tar)
    expect(seen).toEqual([
      ['0', 0o640, size],
      ['1', 0o640, 3],
    ])
  },
)

test('a file that becomes shorter while it is sent ends the request', async () => {
  const change = await file('shrinks', 300_000)
  const request = await writeRequest('abc', [change])
  if (!request.ok) throw new Error(request.error.message)
  await writeFile(change.from, 'short')
  await expect(Readable.from(request.value.send()).toArray()).rejects.toThrow(FileShrankError)
})

test('a name that a line cannot hold is refused', async () => {
  expect(await writeRequest('abc', [{ kind: 'delete', to: '/app/a\nwrite 9' }])).toMatchObject({
    ok: false,
    error: { kind: 'sync-refused' },
  })
})

test('a restart', () => {
  expect(restartRequest('abc', { ports: [80, 3000], grace: 3005, patience: 60_000 })).toBe(
    'container abc\nrestart 301 6000 0050 0BB8\n',
  )
})

test.each([
  ['done ', { kind: 'done', detail: '' }],
  ['done silent', { kind: 'done', detail: 'silent' }],
  ['unknown', { kind: 'unknown' }],
  ['gone', { kind: 'failed', problem: { kind: 'container-gone' } }],
  ['refused no space left', { kind: 'failed', problem: { kind: 'sync-refused', message: 'no space left' } }],
])('%j', (line, answer) => {
  expect(parseAnswer(line)).toEqual(answer)
})
