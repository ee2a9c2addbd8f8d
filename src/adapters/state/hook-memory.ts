import { readFile } from 'node:fs/promises'
import type { HookRecord } from '../../core/hooks/hook-state.js'
import type { HookMemory } from '../../ports/hooks.js'
import { guardFiles } from './state-failure.js'
import { writeAtomically } from './write-atomically.js'

/** A file that cannot be understood is an empty one: each hook runs once more. */
export async function openHookMemory(path: string): Promise<HookMemory> {
  const records = new Map(await readRecords(path))
  let writing: Promise<unknown> = Promise.resolve()
  return {
    get: hook => records.get(hook),
    set: (hook, record) => {
      records.set(hook, record)
      const text = JSON.stringify(Object.fromEntries(records))
      const written = writing.then(() => guardFiles(path, () => writeAtomically(path, text)))
      writing = written
      return written
    },
  }
}

async function readRecords(path: string): Promise<readonly (readonly [string, HookRecord])[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return Object.entries(value ?? {}).filter(([, record]) => isRecord(record)) as [string, HookRecord][]
  } catch {
    return []
  }
}

function isRecord(value: unknown): value is HookRecord {
  if (typeof value !== 'object' || value === null) return false
  const { key, outputs } = value as Partial<Record<keyof HookRecord, unknown>>
  return typeof key === 'string' && typeof outputs === 'string'
}
