import { err, ok } from '../core/result.js'
import type { HostsFile } from '../ports/hosts-file.js'

export interface FakeHostsFile extends HostsFile {
  /** The file's content. */
  text: string
  /** What the system resolves beside what the file maps. */
  readonly dns: Map<string, readonly string[]>
  /** Names in the order in which they were looked up. */
  readonly asked: string[]
  readonly isWatched: boolean
  /** Changes the file as another program does. */
  edit(text: string): void
}

/** A hosts file in memory, on a system that reads it first. */
export function createFakeHostsFile(text = ''): FakeHostsFile {
  const listeners = new Set<() => void>()
  const fake: FakeHostsFile = {
    path: '/etc/hosts',
    notes: [],
    text,
    dns: new Map(),
    asked: [],
    get isWatched() {
      return listeners.size > 0
    },
    edit: changed => {
      fake.text = changed
      for (const listener of [...listeners]) listener()
    },
    read: async () => ok(fake.text),
    write: async ({ before, after }) => {
      if (fake.text !== before)
        return err({ kind: 'hosts-file-failed', file: fake.path, reason: 'changed', message: '' })
      fake.edit(after)
      return ok('/state/backup')
    },
    resolve: async name => {
      fake.asked.push(name)
      const mapped = fake.text
        .split('\n')
        .map(line => line.split(' '))
        .filter(([, ...names]) => names.includes(name))
        .map(([address = '']) => address)
      return mapped.length > 0 ? mapped : (fake.dns.get(name) ?? [])
    },
    watch: onChange => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
  return fake
}
