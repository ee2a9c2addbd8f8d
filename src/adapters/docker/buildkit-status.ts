import { readFields } from './protobuf-wire.js'

/** What devloop reads of BuildKit's `StatusResponse` (moby/buildkit api/services/control/control.proto). Times are in seconds. */
export interface BuildKitStatus {
  readonly vertexes: readonly Vertex[]
  readonly statuses: readonly VertexStatus[]
  readonly logs: readonly VertexLog[]
}

export interface Vertex {
  readonly digest: string
  readonly name: string
  readonly cached: boolean
  readonly started?: number
  readonly completed?: number
  readonly error: string
}

/** Progress within a vertex, such as the bytes of a pulled layer. */
export interface VertexStatus {
  readonly vertex: string
  readonly id: string
  readonly current: number
  readonly total: number
}

export interface VertexLog {
  readonly vertex: string
  readonly message: Buffer
}

/** Decodes the base64 text of a `moby.buildkit.trace` message. */
export function decodeStatus(base64: string): BuildKitStatus {
  const fields = [...readFields(Buffer.from(base64, 'base64'))]
  const all = <T>(number: number, decode: (message: Message) => T): T[] =>
    fields.flatMap(field =>
      field.number === number && typeof field.value !== 'number' ? [decode(message(field.value))] : [],
    )
  return {
    vertexes: all(1, vertex => {
      const started = vertex.time(5)
      const completed = vertex.time(6)
      return {
        digest: vertex.text(1),
        name: vertex.text(3),
        cached: vertex.number(4) === 1,
        ...(started === undefined ? {} : { started }),
        ...(completed === undefined ? {} : { completed }),
        error: vertex.text(7),
      }
    }),
    statuses: all(2, status => ({
      id: status.text(1),
      vertex: status.text(2),
      current: status.number(4),
      total: status.number(5),
    })),
    logs: all(3, log => ({ vertex: log.text(1), message: log.bytes(4) })),
  }
}

type Message = ReturnType<typeof message>

function message(encoded: Buffer) {
  const fields = new Map([...readFields(encoded)].map(field => [field.number, field.value]))
  const bytes = (number: number): Buffer => {
    const value = fields.get(number)
    return typeof value === 'object' ? value : Buffer.alloc(0)
  }
  const number = (field: number): number => {
    const value = fields.get(field)
    return typeof value === 'number' ? value : 0
  }
  return {
    bytes,
    number,
    text: (field: number): string => bytes(field).toString('utf8'),
    /** google.protobuf.Timestamp. */
    time: (field: number): number | undefined => {
      if (!fields.has(field)) return undefined
      const stamp = message(bytes(field))
      return stamp.number(1) + stamp.number(2) / 1e9
    },
  }
}
