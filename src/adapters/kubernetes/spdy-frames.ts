/**
 * The few frames of SPDY/3.1 that a tunnel of forwarded connections is made of.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */

const SYN_STREAM = 1
const SYN_REPLY = 2
const RST_STREAM = 3
const PING = 6
const GOAWAY = 7
const FIN = 1
const HEAD = 8

/** What the other side says. Data comes in pieces as they arrive; the last one of a frame that ends the stream says so. Frames that change nothing here are left out. */
export type SpdyFrame =
  | { readonly type: 'data'; readonly stream: number; readonly chunk: Buffer; readonly isLast: boolean }
  | { readonly type: 'reply'; readonly stream: number; readonly isLast: boolean }
  | { readonly type: 'reset'; readonly stream: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' }

/** Reads frames out of a flow of bytes that may be cut anywhere. */
export function createFrameReader(onFrame: (frame: SpdyFrame) => void): (bytes: Buffer) => void {
  /** Of a control frame, the beginning of its body as well: the number of a stream, which is all that is needed of it. */
  const head = Buffer.alloc(HEAD + 4)
  let have = 0
  let left = 0
  const isControl = (): boolean => (head.readUInt8(0) & 0x80) !== 0
  const isLast = (): boolean => (head.readUInt8(4) & FIN) !== 0

  const finish = (): void => {
    have = 0
    const frame = controlFrame(head, isLast())
    if (frame !== undefined) onFrame(frame)
  }
  return bytes => {
    let at = 0
    while (at < bytes.length) {
      if (have < HEAD) {
        const end = Math.min(bytes.length, at + HEAD - have)
        bytes.copy(head, have, at, end)
        have += end - at
        at = end
        if (have < HEAD) return
        left = head.readUIntBE(5, 3)
        if (left > 0) continue
        if (isControl()) finish()
        else {
          have = 0
          const stream = head.readUInt32BE(0)
          onFrame({ type: 'data', stream, chunk: Buffer.alloc(0), isLast: isLast() })
        }
        continue
      }
      const end = Math.min(bytes.length, at + left)
      const part = bytes.subarray(at, end)
      at = end
      left -= part.length
      if (isControl()) {
        have += part.copy(head, have, 0, Math.min(part.length, head.length - have))
        if (left === 0) finish()
        continue
      }
      const stream = head.readUInt32BE(0)
      if (left === 0) have = 0
      onFrame({ type: 'data', stream, chunk: part, isLast: left === 0 && isLast() })
    }
  }
}

function controlFrame(head: Buffer, isLast: boolean): SpdyFrame | undefined {
  const stream = head.readUInt32BE(HEAD) & 0x7fffffff
  switch (head.readUInt16BE(2)) {
    case SYN_REPLY:
      return { type: 'reply', stream, isLast }
    case RST_STREAM:
      return { type: 'reset', stream }
    case PING:
      return { type: 'ping', id: head.readUInt32BE(HEAD) }
    case GOAWAY:
      return { type: 'goaway' }
    default:
      return undefined
  }
}

/** Opens a stream. `isFirst` is for the first one of a connection: the headers of all of them are one flow of compressed bytes. */
export function synStream(options: {
  readonly stream: number
  readonly headers: Readonly<Record<string, string>>
  /** Nothing is going to be sent on it. */
  readonly isLast: boolean
  readonly isFirst: boolean
}): Buffer {
  const { stream, headers, isLast, isFirst } = options
  const ids = Buffer.alloc(10)
  ids.writeUInt32BE(stream, 0)
  const body = Buffer.concat([ids, stored(headerBlock(headers), isFirst)])
  return Buffer.concat([controlHead(SYN_STREAM, isLast ? FIN : 0, body.length), body])
}

export function dataFrame(stream: number, chunk: Buffer, isLast: boolean): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(stream, 0)
  head.writeUInt8(isLast ? FIN : 0, 4)
  head.writeUIntBE(chunk.length, 5, 3)
  return Buffer.concat([head, chunk])
}

export function pingFrame(id: number): Buffer {
  const body = Buffer.alloc(4)
  body.writeUInt32BE(id, 0)
  return Buffer.concat([controlHead(PING, 0, body.length), body])
}

function controlHead(type: number, flags: number, length: number): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt16BE(0x8003, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt8(flags, 4)
  head.writeUIntBE(length, 5, 3)
  return head
}

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(headers).flat()
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value, 0)
    return bytes
  }
  const parts = texts.flatMap(text => [number(Buffer.byteLength(text)), Buffer.from(text)])
  return Buffer.concat([number(texts.length / 2), ...parts])
}

/** Bytes in zlib's format that are not compressed, and the empty block after which a reader hands on what it has. A few dozen bytes are worth no more. */
function stored(bytes: Buffer, isFirst: boolean): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt16LE(bytes.length, 1)
  head.writeUInt16LE(~bytes.length & 0xffff, 3)
  return Buffer.concat([
    Buffer.from(isFirst ? [0x78, 0x01] : []),
    head,
    bytes,
    Buffer.of(0, 0, 0, 0xff, 0xff),
  ])
}
