import { readFile } from 'node:fs/promises'
import { ok } from '../../core/result.js'
import type { PortMemory } from '../../ports/state-store.js'
import { guardFiles } from './state-failure.js'
import { writeAtomically } from './write-atomically.js'

/** Forwards remembered; those that were given a port longest ago go first. */
const CAPACITY = 500

export async function openPortsFile(path: string): Promise<PortMemory> {
  let ports: ReadonlyMap<string, number> = new Map(await readPorts(path))
  let writing: Promise<unknown> = Promise.resolve()
  return {
    get: id => ports.get(id),
    set: (id, port) => {
      if (ports.get(id) === port) return Promise.resolve(ok(undefined))
      ports = new Map([...[...ports].filter(([other]) => other !== id), [id, port] as const].slice(-CAPACITY))
      const snapshot = JSON.stringify(Object.fromEntries(ports))
      const written = writing.then(() => guardFiles(path, () => writeAtomically(path, snapshot)))
      writing = written
      return written
    },
  }
}

async function readPorts(path: string): Promise<readonly (readonly [string, number])[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return Object.entries(value ?? {}).filter(
      (entry): entry is [string, number] => Number.isInteger(entry[1]) && entry[1] > 0 && entry[1] <= 65_535,
    )
  } catch {
    return []
  }
}
