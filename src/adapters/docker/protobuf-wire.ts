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

/** Encodes one length-delimited field (a string or bytes). */
export function bytesField(number: number, value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([varintBytes(number * 8 + 2), varintBytes(bytes.length), bytes])
}

/** Encodes one varint field of a value that is not negative. */
export function varintField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varintBytes(number * 8), varintBytes(value)])
}

/** What seven bytes of a varint hold: both parts of a 64-bit value are exact as numbers. */
const SEVEN_BYTES = 2n ** 49n

function varintBytes(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = Number(value)
  if (value >= SEVEN_BYTES) {
    let low = Number(BigInt(value) % SEVEN_BYTES)
    for (let at = 0; at < 7; at++, low = Math.floor(low / 128)) bytes.push((low % 128) + 128)
    rest = Number(BigInt(value) / SEVEN_BYTES)
  }
  for (; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}
