import type { ForwardSpec, Project } from '../core/project.js'
import { parseForwardRef } from './forward-ref.js'
import type { PortForwardInput } from './schema.js'

type Entry = Extract<PortForwardInput, readonly unknown[]>[number]

/** `portForward` in full. Entries that lead nowhere are left out: `checkPortForward` has told of them. */
export function resolvePortForward(input: PortForwardInput): Project['portForward'] {
  if (typeof input === 'boolean') return { auto: input, forwards: [] }
  if (input === undefined || typeof input === 'string') return { auto: input !== 'off', forwards: [] }
  if (Array.isArray(input)) return { auto: true, forwards: input.flatMap(forwardOf) }
  return { auto: input.auto ?? true, forwards: (input.forwards ?? []).flatMap(forwardOf) }
}

function forwardOf(entry: Entry): readonly ForwardSpec[] {
  const given = typeof entry === 'string' ? { to: entry } : entry
  const parsed = parseForwardRef(given.to)
  if (!parsed.ok) return []
  const { kind, name, port } = parsed.value
  return [
    {
      kind,
      name,
      port: given.port ?? port,
      local: given.local,
      namespace: given.namespace,
      address: given.address,
    },
  ]
}
