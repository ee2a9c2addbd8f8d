import type { LogLine, LogOrigin } from '../../core/logs/log-line.js'
import type { LogStore } from '../../ports/log-store.js'
import { createBlockCache } from './block-cache.js'
import {
  blockWithRoom,
  createLane,
  encoded,
  forgetAmidst,
  forgetOldest,
  type Lane,
  laneKey,
  openBlock,
  putLine,
  releaseBlock,
  sealBlock,
} from './lane.js'
import { BLOCK_BYTES, type Block, decodeLines } from './log-block.js'
import { openLogSpill } from './log-spill.js'
import { readBackward, readForward } from './merge-lanes.js'
import { createOrigins } from './origins.js'

export interface LogStoreOptions {
  /** For this store alone: what an earlier one left there is removed. Undefined keeps lines in memory only. */
  readonly directory: string | undefined
  /** Of encoded lines, those of blocks that were read back included. Each service may go over it by one block. */
  readonly memoryBytes?: number
  readonly diskBytes?: number
  readonly blockBytes?: number
  /** Milliseconds until a line that came is written. */
  readonly flushDelay?: number
  /** Told once, where the disk takes no more. */
  readonly onNotice?: (message: string) => void
}

/** Some 100,000 lines: what a person scrolls back through is there at once. As objects they would take three times that. */
const MEMORY_BYTES = 16 * 1024 * 1024

/** Some 3.5 million lines of 150 bytes: a day of twenty talkative services, and less than one image of theirs. */
const DISK_BYTES = 512 * 1024 * 1024

/** What a `kill -9` may lose. Twenty services then cost at most a hundred small writes a second. */
const FLUSH_DELAY = 200

/** The part of the memory that is for blocks that were read back. */
const CACHE_SHARE = 1 / 4

/** Files are the unit of what is forgotten on disk: this much of the quota goes at once. */
const SEGMENT_SHARE = 1 / 64

/**
 * All lines of a session.
 *
 *   append ──► open block of the service ──full, or after a moment──► its file ──► (quota) the oldest file of the service with most goes
 *                      └─full──► memory ──► (bound) the oldest block of the service with most goes; the disk has it
 *
 * Every service has its own blocks and files, its lane, and whoever has most gives way: none can push out the lines of another that has less.
 */
export function createLogStore(options: LogStoreOptions): LogStore {
  const { memoryBytes = MEMORY_BYTES, diskBytes = DISK_BYTES, blockBytes = BLOCK_BYTES } = options
  const spill = openLogSpill(options.directory, message => options.onNotice?.(message))
  const origins = createOrigins((index, origin) => spill.noteOrigin(JSON.stringify([index, origin])))
  const cache = createBlockCache(memoryBytes * CACHE_SHARE)
  const lanes = new Map<string, Lane>()
  const listeners = new Set<() => void>()
  let end = 0
  let flushing: NodeJS.Timeout | undefined
  let notifying = false

  function laneOf(origin: LogOrigin): Lane {
    const key = laneKey(origin)
    const known = lanes.get(key)
    if (known !== undefined) return known
    const lane = createLane(origin)
    lanes.set(key, lane)
    return lane
  }

  function notify(): void {
    if (notifying || listeners.size === 0) return
    notifying = true
    setImmediate(() => {
      notifying = false
      for (const listener of [...listeners]) listener()
    })
  }

  /** Writes what the open block has more than its file. */
  function flush(lane: Lane): void {
    const { open } = lane
    if (open?.data === undefined || !spill.isWritable) return
    open.place ??= placeIn(lane)
    const { place } = open
    if (place === undefined || place.written === open.bytes) return
    const part = open.data.subarray(place.written, open.bytes)
    if (!spill.write(place.segment, part)) {
      open.place = undefined
      return
    }
    lane.diskBytes += part.length
    place.written = open.bytes
    keepQuota()
  }

  function placeIn(lane: Lane): Block['place'] {
    const limit = Math.max(blockBytes, Math.min(diskBytes * SEGMENT_SHARE, diskBytes / (4 * lanes.size)))
    const last = lane.segments.at(-1)
    if (last?.file !== undefined && last.bytes < limit)
      return { segment: last, offset: last.bytes, written: 0 }
    if (last !== undefined) spill.end(last)
    const segment = spill.begin(lane.key)
    if (segment === undefined) return undefined
    lane.segments.push(segment)
    return { segment, offset: 0, written: 0 }
  }

  function keepQuota(): void {
    while (sum(lanes, lane => lane.diskBytes) > diskBytes) {
      const lane = greatest(lanes, lane => lane.diskBytes)
      const segment = lane?.segments.shift()
      if (lane === undefined || segment === undefined) return
      lane.diskBytes -= segment.bytes
      const count = lane.blocks.findLastIndex(({ place }) => place?.segment === segment) + 1
      forget(lane, count)
      spill.remove(segment)
    }
  }

  function seal(lane: Lane): void {
    flush(lane)
    const sealed = sealBlock(lane)
    if (sealed !== undefined) cache.set(sealed.block, sealed.lines)
  }

  function keepMemory(): void {
    while (sum(lanes, lane => lane.memoryBytes) > memoryBytes * (1 - CACHE_SHARE)) {
      const lane = greatest(lanes, lane => lane.memoryBytes)
      if (lane === undefined) return
      if (lane.resident.length === 0) seal(lane)
      const block = lane.resident[0]
      if (block === undefined) return
      if (block.place !== undefined) releaseBlock(lane, block)
      else if (block === lane.blocks[0]) forget(lane, 1)
      else lose(lane, block, true)
    }
  }

  function forget(lane: Lane, count: number): void {
    for (const block of forgetOldest(lane, count)) cache.delete(block)
  }

  function lose(lane: Lane, block: Block, join: boolean): void {
    cache.delete(block)
    forgetAmidst(lane, block, join)
  }

  function load(block: Block): readonly LogLine[] {
    const held = block.lines ?? cache.get(block)
    if (held !== undefined) return held
    const { place, bytes } = block
    const data = block.data ?? (place && spill.read(place.segment, place.offset, bytes))
    const lines = data && decodeLines(data, origins.at)
    if (lines?.length === block.count && lines[0]?.seq === block.firstSeq) {
      cache.set(block, lines)
      return lines
    }
    // Somebody else took the file away, or wrote to it.
    const lane = lanes.get(block.lane)
    if (lane !== undefined) lose(lane, block, false)
    return block.lines ?? []
  }

  function flushAll(): void {
    flushing = undefined
    for (const lane of lanes.values()) flush(lane)
  }

  const first = () => Math.min(end, ...[...lanes.values()].map(({ blocks }) => blocks[0]?.firstSeq ?? end))
  const reading = () => ({ lanes: lanes.values(), load, end, first: first() })

  return {
    append({ origin: given, kind, time, text }) {
      const { index, origin } = origins.intern(given)
      const line: LogLine = { seq: end++, origin, kind, time, text }
      const lane = laneOf(origin)
      const row = encoded(line, index)
      let block = blockWithRoom(lane, row.bytes)
      if (block === undefined) {
        seal(lane)
        block = openBlock(lane, line.seq, Math.max(blockBytes, row.bytes))
      }
      putLine(lane, block, line, row.text)
      if (block.count === 1) keepMemory()
      flushing ??= setTimeout(flushAll, options.flushDelay ?? FLUSH_DELAY).unref()
      notify()
      return line
    },
    get end() {
      return end
    },
    get first() {
      return first()
    },
    after: (from, query) => readForward(reading(), from, query),
    before: (before, query) => readBackward(reading(), before, query),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    forgotten() {
      const counts: Record<string, number> = {}
      for (const { service, forgotten } of lanes.values())
        if (forgotten > 0) counts[service] = (counts[service] ?? 0) + forgotten
      return counts
    },
    close() {
      clearTimeout(flushing)
      flushAll()
      for (const { segments } of lanes.values()) for (const segment of segments) spill.end(segment)
      spill.close()
    },
  }
}

function sum(lanes: ReadonlyMap<string, Lane>, of: (lane: Lane) => number): number {
  let total = 0
  for (const lane of lanes.values()) total += of(lane)
  return total
}

function greatest(lanes: ReadonlyMap<string, Lane>, of: (lane: Lane) => number): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes.values()) if (best === undefined || of(lane) > of(best)) best = lane
  return best
}
