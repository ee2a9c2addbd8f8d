import { constants, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createFrameReader, dataFrame, pingFrame, type SpdyFrame, synStream } from './spdy-frames.js'

function readAll(pieces: readonly Buffer[]): readonly SpdyFrame[] {
  const frames: SpdyFrame[] = []
  const read = createFrameReader(frame => frames.push(frame))
  for (const piece of pieces) read(piece)
  return frames
}

const control = (type: number, flags: number, body: readonly number[]) =>
  Buffer.from([0x80, 3, 0, type, flags, 0, 0, body.length, ...body])

test.each<[string, Buffer, SpdyFrame | undefined]>([
  ['a reply', control(2, 0, [0, 0, 0, 3, 1, 2, 3, 4, 5, 6]), { type: 'reply', stream: 3, isLast: false }],
  ['a reply that refuses', control(2, 1, [0, 0, 0, 3]), { type: 'reply', stream: 3, isLast: true }],
  ['a reset', control(3, 0, [0, 0, 1, 1, 0, 0, 0, 5]), { type: 'reset', stream: 257 }],
  ['a ping', pingFrame(2), { type: 'ping', id: 2 }],
  ['the end of the connection', control(7, 0, [0, 0, 0, 0, 0, 0, 0, 0]), { type: 'goaway' }],
  ['settings', control(4, 0, [0, 0, 0, 0]), undefined],
  ['a window', control(9, 0, [0, 0, 0, 3, 0, 1, 0, 0]), undefined],
  [
    'the end of a stream',
    dataFrame(7, Buffer.alloc(0), true),
    { type: 'data', stream: 7, chunk: Buffer.alloc(0), isLast: true },
  ],
])('%s is read, however it is cut', (_, frame, expected) => {
  const next: SpdyFrame = { type: 'data', stream: 9, chunk: Buffer.from('x'), isLast: false }
  const bytes = Buffer.concat([frame, dataFrame(9, Buffer.from('x'), false)])
  const all = expected === undefined ? [next] : [expected, next]
  expect(readAll([bytes])).toEqual(all)
  expect(readAll([...bytes].map(byte => Buffer.of(byte)))).toEqual(all)
})

test('data is handed on as it comes, and only its last piece ends the stream', () => {
  const bytes = dataFrame(5, Buffer.from('hello'), true)
  const frames = readAll([bytes.subarray(0, 10), bytes.subarray(10, 11), bytes.subarray(11)])
  expect(frames).toEqual([
    { type: 'data', stream: 5, chunk: Buffer.from('he'), isLast: false },
    { type: 'data', stream: 5, chunk: Buffer.from('l'), isLast: false },
    { type: 'data', stream: 5, chunk: Buffer.from('lo'), isLast: true },
  ])
})

test('the headers of all streams of a connection are one flow in the format of zlib', () => {
  const one = synStream({
    stream: 1,
    headers: { port: '3000', streamtype: 'error' },
    isLast: true,
    isFirst: true,
  })
  const two = synStream({ stream: 3, headers: { port: '80' }, isLast: false, isFirst: false })
  expect([...one.subarray(0, 5)]).toEqual([0x80, 3, 0, 1, 1])
  expect(one.readUIntBE(5, 3)).toBe(one.length - 8)
  expect(one.readUInt32BE(8)).toBe(1)
  expect(two.readUInt8(4)).toBe(0)
  expect(two.readUInt32BE(8)).toBe(3)
  const flow = Buffer.concat([one.subarray(18), two.subarray(18)])
  const text = (value: string) => Buffer.concat([Buffer.of(0, 0, 0, value.length), Buffer.from(value)])
  expect(inflateSync(flow, { finishFlush: constants.Z_SYNC_FLUSH })).toEqual(
    Buffer.concat([
      Buffer.of(0, 0, 0, 2),
      ...['port', '3000', 'streamtype', 'error'].map(text),
      Buffer.of(0, 0, 0, 1),
      ...['port', '80'].map(text),
    ]),
  )
})
