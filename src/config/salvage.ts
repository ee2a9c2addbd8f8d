import type { ConfigPath, Finding } from './finding.js'
import { type ConfigInput, configSchema } from './schema.js'

export interface Salvaged {
  readonly input: ConfigInput
  /** Services of which something was dropped: defaults stand where the person wrote something else. */
  readonly damaged: ReadonlySet<string>
}

/**
 * What is left of a config when everything wrong in it is dropped, so that the checks behind the schema can run on the rest and every error
 * is reported at once. A service that is wrong altogether keeps its name.
 */
export function salvage(value: unknown, findings: readonly Finding[]): Salvaged {
  const copy: unknown = structuredClone(value)
  const damaged = new Set<string>()
  for (const { path, on } of findings) {
    const [top, service] = path
    if (top === 'services' && typeof service === 'string') damaged.add(service)
    drop(copy, path, on === 'key')
  }
  const parsed = configSchema.safeParse(copy)
  return { input: parsed.success ? parsed.data : {}, damaged }
}

function drop(root: unknown, path: ConfigPath, wholeKey: boolean): void {
  // A list goes whole: its items are known by their place.
  const list = path.findIndex(segment => typeof segment === 'number')
  const target = list === -1 ? path : path.slice(0, list)
  const key = target.at(-1)
  let parent = root
  for (const segment of target.slice(0, -1)) parent = child(parent, segment)
  if (key === undefined || !isMapping(parent)) return
  if (Object.hasOwn(parent, key)) {
    if (target.length === 2 && target[0] === 'services' && !wholeKey) parent[key] = null
    else delete parent[key]
  } else drop(root, target.slice(0, -1), wholeKey)
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const child = (value: unknown, segment: string | number): unknown =>
  isMapping(value) ? value[segment] : undefined
