import type { LogLine } from '../../core/logs/log-line.js'
import type { Block } from './log-block.js'

/** The lines of the blocks that were read last, bounded by the bytes of their encoded form. */
export interface BlockCache {
  get(block: Block): readonly LogLine[] | undefined
  set(block: Block, lines: readonly LogLine[]): void
  delete(block: Block): void
}

export function createBlockCache(capacity: number): BlockCache {
  /** The one that was not used for longest comes first. */
  const held = new Map<Block, readonly LogLine[]>()
  let bytes = 0
  const drop = (block: Block) => {
    if (held.delete(block)) bytes -= block.bytes
  }
  return {
    get(block) {
      const lines = held.get(block)
      if (lines === undefined) return undefined
      held.delete(block)
      held.set(block, lines)
      return lines
    },
    set(block, lines) {
      drop(block)
      held.set(block, lines)
      bytes += block.bytes
      for (const oldest of held.keys()) {
        if (bytes <= capacity || oldest === block) break
        drop(oldest)
      }
    },
    delete: drop,
  }
}
