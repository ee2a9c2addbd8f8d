/** One field of a protobuf message: varints as numbers, everything with a length as bytes. */
export interface WireField {
  readonly number: number
  readonly value: number | Buffer
}

/**
 * Reads the fields of an encoded protobuf message in their order. Only what BuildKit's messages use: varint (exact up to 2^53) and
 * length-delimited; fixed-width fields are skipped. Throws a RangeError on bytes that are no message.
 */
export function* readFields(message: Buffer): Generator<WireField> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(at++)
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() }
        break
      case 1:
        at += 8
        break
      case 2: {
        const end = varint() + at
        if (end > message.length) throw new RangeError('a protobuf field ends after its message')
        yield { number, value: message.subarray(at, end) }
        at = end
        break
      }
      case 5:
        at += 4
        break
      default:
        throw new RangeError(`unknown protobuf wire type ${tag % 8}`)
    }
  }
}

/** A field's number, and its value: varints (not negative) as numbers, everything with a length as text or bytes. */
export type WireValue = readonly [number: number, value: number | bigint | string | Uint8Array]

/** More than a tag and a length, or a tag and a varint, take. */
const FIELD_ROOM = 20
const scratch = Buffer.allocUnsafe(1 << 16)

/** Encodes a message of these fields, in their order. In one buffer: a build context is told of in a hundred thousand messages. */
export function encode(fields: readonly WireValue[]): Buffer {
  let room = 0
  for (const [, value] of fields) room += FIELD_ROOM + mostBytesOf(value)
  const isSmall = room <= scratch.length
  const buffer = isSmall ? scratch : Buffer.allocUnsafe(room)
  let at = 0
  for (const [number, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') {
      at = putVarint(buffer, putVarint(buffer, at, number * 8), value)
    } else if (typeof value === 'string') {
      at = putVarint(buffer, putVarint(buffer, at, number * 8 + 2), Buffer.byteLength(value))
      at += buffer.write(value, at)
    } else {
      at = putVarint(buffer, putVarint(buffer, at, number * 8 + 2), value.length)
      buffer.set(value, at)
      at += value.length
    }
  }
  return isSmall ? Buffer.from(buffer.subarray(0, at)) : buffer.subarray(0, at)
}

function mostBytesOf(value: WireValue[1]): number {
  if (typeof value === 'number' || typeof value === 'bigint') return 0
  return typeof value === 'string' ? value.length * 3 : value.length
}

/** What seven bytes of a varint hold: both parts of a 64-bit value are exact as numbers. */
const SEVEN_BYTES = 2n ** 49n

/** Gives the place behind it. */
function putVarint(buffer: Buffer, from: number, value: number | bigint): number {
  let at = from
  let rest = Number(value)
  if (value >= SEVEN_BYTES) {
    let low = Number(BigInt(value) % SEVEN_BYTES)
    for (let byte = 0; byte < 7; byte++, low = Math.floor(low / 128)) buffer[at++] = (low % 128) + 128
    rest = Number(BigInt(value) / SEVEN_BYTES)
  }
  for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) + 128
  buffer[at++] = rest
  return at
}
