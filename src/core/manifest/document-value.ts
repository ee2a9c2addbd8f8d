import { type Document, isAlias, isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap } from 'yaml'
import { resolvePlainScalar } from './plain-scalar.js'

export interface DocumentReading {
  /** Puts variables into a scalar's text. */
  readonly fill: (text: string) => string
  /** Called for each fault, with offsets into the text. */
  readonly fault: (message: string, start: number, end: number) => void
}

// Aliases share values in memory, but each is written out when the object is sent: a few lines of YAML can mean gigabytes.
const NODE_LIMIT = 1_000_000

/**
 * The JSON value of a YAML document that was parsed with the `failsafe` schema, as kubectl would read it: its types for plain scalars, merge
 * keys, aliases; but a key that is given twice is a fault, where kubectl silently takes the last.
 */
export function documentValue(document: Document.Parsed, reading: DocumentReading): unknown {
  return new Reader(reading).value(document.contents)
}

interface Anchored {
  readonly value: unknown
  readonly nodes: number
}

class Reader {
  readonly #reading: DocumentReading
  readonly #anchors = new Map<string, Anchored>()
  #nodes = 0

  constructor(reading: DocumentReading) {
    this.#reading = reading
  }

  value(node: unknown): unknown {
    if (isAlias(node)) return this.#alias(node.source, node)
    const before = this.#nodes
    this.#nodes += 1
    const value = this.#contents(node)
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, { value, nodes: this.#nodes - before })
    return value
  }

  #contents(node: unknown): unknown {
    if (isScalar(node)) return this.#scalar(node)
    if (isSeq(node)) return node.items.map(item => this.value(item))
    if (isMap(node)) return this.#map(node)
    return null
  }

  #alias(source: string, node: Node): unknown {
    const anchored = this.#anchors.get(source)
    if (anchored === undefined) {
      this.#fault(`alias *${source} stands inside what it refers to`, node)
      return null
    }
    const within = this.#nodes <= NODE_LIMIT
    this.#nodes += anchored.nodes
    if (this.#nodes <= NODE_LIMIT) return anchored.value
    if (within) this.#fault(`aliases make this document larger than ${NODE_LIMIT} values`, node)
    return null
  }

  #scalar(scalar: Scalar): unknown {
    const text = this.#reading.fill(typeof scalar.value === 'string' ? scalar.value : '')
    const tag = scalar.tag?.replace('tag:yaml.org,2002:', '!!')
    if (tag === '!!binary') return Buffer.from(text, 'base64').toString('utf8')
    const typed = tag === '!!int' || tag === '!!float' || tag === '!!bool' || tag === '!!null'
    const plain = tag === undefined && (scalar.type === Scalar.PLAIN || scalar.type === undefined)
    if (!typed && !plain) return text
    try {
      return resolvePlainScalar(text)
    } catch (error) {
      this.#fault(error instanceof Error ? error.message : String(error), scalar)
      return null
    }
  }

  #map(map: YAMLMap): Record<string, unknown> {
    const own = new Map<string, unknown>()
    const merged: unknown[] = []
    for (const pair of map.items) {
      if (isMergeKey(pair.key)) {
        merged.push(...this.#mergeSources(pair.value, pair.key))
        continue
      }
      const key = this.#key(pair.key)
      if (own.has(key)) this.#fault(`key "${key}" is given twice`, pair.key)
      own.set(key, this.value(pair.value))
    }
    const result: Record<string, unknown> = {}
    // The first of several sources wins, and the map's own keys win over all of them.
    for (const source of merged.reverse())
      for (const [key, value] of entriesOf(source)) define(result, key, value)
    for (const [key, value] of own) define(result, key, value)
    return result
  }

  #key(node: unknown): string {
    const value = this.value(node)
    if (typeof value === 'object' && value !== null) this.#fault('a key must be a single value', node)
    if (value === null) this.#fault('a key must not be empty', node)
    return String(value)
  }

  #mergeSources(node: unknown, key: unknown): readonly unknown[] {
    const value = this.value(node)
    const sources = Array.isArray(value) ? value : [value]
    if (sources.some(source => typeof source !== 'object' || source === null || Array.isArray(source)))
      this.#fault('<< takes a map, an alias of a map, or a list of these', key)
    return sources
  }

  #fault(message: string, node: unknown): void {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined
    this.#reading.fault(message, range?.[0] ?? 0, range?.[1] ?? 0)
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

/** Like an assignment, but `__proto__` is a key as any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}
