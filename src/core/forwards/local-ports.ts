import { createHash } from 'node:crypto'
import type { WantedForward } from './wanted-forwards.js'

/** Below it a port needs rights, or is what a browser means by saying none. */
const FIRST_FREE = 1024
const LAST_PORT = 65_535
/** Between the registered ports that programs like to take and those that NodePorts (30000) and the system's own connections (32768) come from. */
const STABLE_FROM = 20_000
const STABLE_COUNT = 10_000
/** A project of a hundred forwards finds one among so many. */
const TRIES = 64

/**
 * The local ports to try for a forward, best first. A port that the config names is the only one. Else: the one of last time, the same number, and
 * ports that follow from the forward's name, so that they are the same on each start and on each machine.
 */
export function localPorts(
  { id, number, local }: Pick<WantedForward, 'id' | 'number' | 'local'>,
  {
    remembered,
    reserved,
  }: { readonly remembered: number | undefined; readonly reserved: ReadonlySet<number> },
): readonly number[] {
  if (local !== undefined) return [local]
  const first = createHash('sha256').update(id).digest().readUInt32BE(0) % STABLE_COUNT
  const stable = Array.from({ length: TRIES }, (_, at) => STABLE_FROM + ((first + at) % STABLE_COUNT))
  // A manifest may have any number, also one that the API server is going to refuse.
  const same = number !== undefined && number >= FIRST_FREE && number <= LAST_PORT ? [number] : []
  return [...new Set([...(remembered === undefined ? [] : [remembered]), ...same, ...stable])].filter(
    port => !reserved.has(port),
  )
}
