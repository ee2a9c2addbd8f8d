import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE = 50

/** Repeats a check until it passes; after `deadline` milliseconds its last failure is thrown. */
export async function eventually<T>(check: () => T | Promise<T>, deadline = 60_000): Promise<T> {
  const end = Date.now() + deadline
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(PAUSE)
    }
  }
}
