import type { LogLine, LogOrigin } from '../../core/logs/log-line.js'
import { type Block, encodeLine } from './log-block.js'
import type { Segment } from './log-spill.js'

/** The lines of one service; of other pods, those of the containers of one name, so that a talkative sidecar pushes out nobody but its like. */
export interface Lane {
  readonly key: string
  /** Empty for other pods. */
  readonly service: string
  /** In order; none is empty. */
  readonly blocks: Block[]
  /** The last of `blocks`, while it takes lines. */
  open: Block | undefined
  /** Blocks that are full and still in memory: the last of `blocks`, but for the open one. */
  readonly resident: Block[]
  readonly segments: Segment[]
  diskBytes: number
  memoryBytes: number
  forgotten: number
  newest: LogLine | undefined
}

export function createLane({ service = '', container }: LogOrigin): Lane {
  return {
    key: laneKey({ service, container }),
    service,
    blocks: [],
    open: undefined,
    resident: [],
    segments: [],
    diskBytes: 0,
    memoryBytes: 0,
    forgotten: 0,
    newest: undefined,
  }
}

/** No service's name has a `~`. */
export function laneKey({ service = '', container }: Pick<LogOrigin, 'service' | 'container'>): string {
  return service === '' ? `~${container}` : service
}

/** The open block if it has room for `bytes` more, else undefined. */
export function blockWithRoom({ open }: Lane, bytes: number): Block | undefined {
  return open?.data !== undefined && open.bytes + bytes <= open.data.length ? open : undefined
}

/** A new open block; the one before must be sealed. A line that is longer than a block gets one of its own. */
export function openBlock(lane: Lane, seq: number, capacity: number): Block {
  const block: Block = {
    lane: lane.key,
    firstSeq: seq,
    lastSeq: seq,
    count: 0,
    bytes: 0,
    data: Buffer.allocUnsafe(capacity),
    lines: [],
    lost: 0,
    place: undefined,
  }
  lane.blocks.push(block)
  lane.open = block
  return block
}

/** Takes the line into the block, which must have room. */
export function putLine(lane: Lane, block: Block, line: LogLine, encoded: string): void {
  const bytes = block.data?.write(encoded, block.bytes, 'utf8') ?? 0
  block.bytes += bytes
  lane.memoryBytes += bytes
  block.lastSeq = line.seq
  block.count++
  lane.newest = line
  block.lines?.push(line)
}

/** The open block takes no more lines. Gives it with its lines, which it no longer holds itself. */
export function sealBlock(
  lane: Lane,
): { readonly block: Block; readonly lines: readonly LogLine[] } | undefined {
  const { open: block } = lane
  if (block === undefined) return undefined
  const lines = block.lines ?? []
  // A view would keep the whole of a buffer that is not half full.
  const filled = block.data?.subarray(0, block.bytes)
  block.data =
    filled !== undefined && block.bytes * 2 < (block.data?.length ?? 0) ? Buffer.from(filled) : filled
  block.lines = undefined
  lane.open = undefined
  lane.resident.push(block)
  return { block, lines }
}

/** Takes the block out of memory. */
export function releaseBlock(lane: Lane, block: Block): void {
  if (block.data === undefined) return
  block.data = undefined
  lane.memoryBytes -= block.bytes
  const at = lane.resident.indexOf(block)
  if (at !== -1) lane.resident.splice(at, 1)
}

/** Forgets the oldest blocks, up to `count` of them. Gives them. */
export function forgetOldest(lane: Lane, count: number): readonly Block[] {
  const gone = lane.blocks.splice(0, count)
  for (const block of gone) {
    if (block === lane.open) lane.open = undefined
    releaseBlock(lane, block)
    lane.forgotten += block.count
  }
  return gone
}

/**
 * Forgets a block that older lines stay before: one line that says how many are gone takes its place, and joins that of a neighbour where
 * `join` lets it (nobody may be reading the list then).
 */
export function forgetAmidst(lane: Lane, block: Block, join: boolean): void {
  const at = lane.blocks.indexOf(block)
  const before = lane.blocks[at - 1]
  releaseBlock(lane, block)
  lane.forgotten += block.count
  if (join && before !== undefined && before.lost > 0) {
    lane.blocks.splice(at, 1)
    markLost(lane, before, before.lost + block.count)
    return
  }
  markLost(lane, block, block.count)
}

function markLost({ newest, service }: Lane, block: Block, lost: number): void {
  if (newest === undefined) return
  const { origin, time } = newest
  const text = `${lost} lines of ${service === '' ? 'other pods' : service} could not be kept.`
  block.lost = lost
  block.lines = [{ seq: block.firstSeq, origin, kind: 'gap', time, text }]
  block.lastSeq = block.firstSeq
  block.count = 0
  block.bytes = 0
  block.place = undefined
}

/** What a line takes, to see whether it fits. */
export function encoded(line: LogLine, origin: number): { readonly text: string; readonly bytes: number } {
  const text = encodeLine(line, origin)
  return { text, bytes: Buffer.byteLength(text) }
}
