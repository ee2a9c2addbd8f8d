import type { Tone } from './row.js'

/** A sign of one column that says how something is without its colour. */
export interface Mark {
  readonly sign: string
  readonly tone: Tone
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

/** Milliseconds between two frames of what moves on the screen, and of running clocks. */
export const TICK = 200

export const marks = {
  live: { sign: '✓', tone: 'good' },
  failed: { sign: '✗', tone: 'bad' },
  waiting: { sign: '◌', tone: 'dim' },
  paused: { sign: '‖', tone: 'warn' },
  zero: { sign: '○', tone: 'warn' },
  rolledBack: { sign: '↺', tone: 'warn' },
} as const satisfies Record<string, Mark>

/** The mark of what is under way, at this moment. */
export function busyMark(now: number): Mark {
  return { sign: FRAMES[Math.floor(now / TICK) % FRAMES.length] ?? '⠋', tone: 'busy' }
}
