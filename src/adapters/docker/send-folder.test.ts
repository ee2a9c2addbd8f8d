import { connect, type IncomingHttpHeaders } from 'node:http2'
import { duplexPair } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { type GrpcMethod, serveGrpc } from './grpc-server.js'
import { encode, readFields } from './protobuf-wire.js'
import { type FolderEntry, type SentFolder, sendFolder } from './send-folder.js'

const METHOD = '/moby.filesync.v1.FileSync/DiffCopy'
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A call as BuildKit makes one: messages go and come until the status. */
function call(methods: Readonly<Record<string, GrpcMethod>>, path: string) {
  const [ours, theirs] = duplexPair()
  const server = serveGrpc(ours, methods)
  const client = connect('http://engine', { createConnection: () => theirs })
  closing.push(() => client.destroy(), server.close)
  const stream = client.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' })
  const trailers = new Promise<IncomingHttpHeaders>(resolve => stream.once('trailers', resolve))
  return {
    send: (message: Buffer) => {
      const prefix = Buffer.alloc(5)
      prefix.writeUInt32BE(message.length, 1)
      stream.write(Buffer.concat([prefix, message]))
    },
    async *messages(): AsyncGenerator<Buffer> {
      let rest = Buffer.alloc(0)
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        rest = Buffer.concat([rest, chunk])
        while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
          const end = 5 + rest.readUInt32BE(1)
          yield rest.subarray(5, end)
          rest = rest.subarray(end)
        }
      }
    },
    status: async () => (await trailers)['grpc-status'],
  }
}

const fieldsOf = (message: Buffer) => new Map([...readFields(message)].map(one => [one.number, one.value]))

/** Takes what is announced, asks for these files, and says that it is done once it has them. */
async function fetchFolder(folder: SentFolder, wanted: readonly string[]) {
  const { send, messages, status } = call({ [METHOD]: one => sendFolder(one, folder, () => {}) }, METHOD)
  const announced: Map<number, unknown>[] = []
  const contents = new Map<string, string>()
  const open = new Map<number, { readonly path: string; text: string }>()
  let error: string | undefined
  for await (const message of messages()) {
    const packet = fieldsOf(message)
    const stat = packet.get(2)
    if (packet.get(1) === 4) error = String(packet.get(4))
    else if (packet.get(1) === 0 && Buffer.isBuffer(stat)) {
      const fields = fieldsOf(stat)
      const path = String(fields.get(1))
      const id = announced.push(fields) - 1
      if (!wanted.includes(path)) continue
      open.set(id, { path, text: '' })
      send(
        encode([
          [1, 1],
          [3, id],
        ]),
      )
    } else if (packet.get(1) === 2) {
      const file = open.get(Number(packet.get(3)))
      const data = String(packet.get(4))
      if (file === undefined) continue
      file.text += data
      if (data === '') contents.set(file.path, file.text)
      if (contents.size === wanted.length) send(encode([[1, 3]]))
    }
  }
  return { announced, contents, error, status: await status() }
}

const entry = (path: string, over: Partial<FolderEntry> = {}): FolderEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  size: 1,
  mtimeNs: 1_763_730_000_123_456_789n,
  ...over,
})

describe('a folder that is fetched', () => {
  it('is announced whole, and only what is asked for is read and sent', async () => {
    const read: string[] = []
    const many = Array.from({ length: 2000 }, (_, at) => entry(`b/${String(at).padStart(4, '0')}`))
    const entries = [
      entry('a', { mode: 0o4755 }),
      entry('b', { type: 'directory', mode: 0o755, size: 0 }),
      ...many,
      entry('c', { type: 'symlink', mode: 0o777, size: 0, linkTarget: 'a' }),
    ]
    const { announced, contents, status } = await fetchFolder(
      {
        entries,
        async *read({ path }) {
          read.push(path)
          yield Buffer.from(`content of ${path}, `)
          yield Buffer.alloc(3_000_000, 'x')
        },
      },
      ['a', 'b/1999'],
    )
    expect(status).toBe('0')
    expect(read.sort()).toEqual(['a', 'b/1999'])
    expect(contents.get('b/1999')).toBe(`content of b/1999, ${'x'.repeat(3_000_000)}`)
    expect(announced).toHaveLength(entries.length)
    expect(announced[0]?.get(2)).toBe(2 ** 23 + 0o755)
    expect(announced[1]?.get(2)).toBe(2 ** 31 + 0o755)
    expect(announced.at(-1)?.get(2)).toBe(2 ** 27 + 0o777)
    expect(String(announced.at(-1)?.get(7))).toBe('a')
  })

  it('ends with what was wrong where a file cannot be sent', async () => {
    const folder: SentFolder = {
      entries: [entry('a'), entry('b')],
      // biome-ignore lint/correctness/useYield: it fails before there is anything.
      async *read({ path }) {
        throw new Error(`${path} changed`)
      },
    }
    expect(await fetchFolder(folder, ['b'])).toMatchObject({ error: 'b changed', status: '2' })
  })
})

it('knows no other method', async () => {
  const { messages, status } = call({}, '/other')
  for await (const _ of messages()) throw new Error('nothing was to come')
  expect(await status()).toBe('12')
})

describe('the wire', () => {
  it.each([0n, 127n, 128n, 2n ** 49n - 1n, 2n ** 49n, 1_763_730_000_123_456_789n, 2n ** 63n - 1n])(
    'holds %s exactly',
    value => {
      const bytes = encode([[6, value]]).subarray(1)
      const read = [...bytes].reduce((sum, byte, at) => sum + (BigInt(byte & 127) << BigInt(7 * at)), 0n)
      expect(read).toBe(value)
      expect([...bytes].findIndex(byte => byte < 128)).toBe(bytes.length - 1)
    },
  )

  it('holds text and bytes', () => {
    expect(fieldsOf(encode([[1, '부산']]))).toEqual(new Map([[1, Buffer.from('부산')]]))
  })
})
