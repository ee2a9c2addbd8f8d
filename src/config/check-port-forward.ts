import { isIP } from 'node:net'
import { type ConfigPath, type Finding, finding } from './finding.js'
import { parseForwardRef } from './forward-ref.js'
import type { PortForwardInput } from './schema.js'

/** What the schema cannot say about `portForward`: what the entries lead to, and ports that two of them want. */
export function checkPortForward(input: PortForwardInput): readonly Finding[] {
  if (typeof input !== 'object') return []
  const path: ConfigPath = Array.isArray(input) ? ['portForward'] : ['portForward', 'forwards']
  const entries = Array.isArray(input) ? input : (input.forwards ?? [])
  const taken = new Map<string, number>()
  return entries.flatMap((entry, index) => {
    const at = [...path, index]
    if (typeof entry === 'string') return checkTarget(entry, at)
    const { to, port, local, address } = entry
    const place = `${address ?? ''} ${local}`
    const other = local === undefined ? undefined : taken.get(place)
    if (local !== undefined) taken.set(place, index)
    return [
      ...checkTarget(to, [...at, 'to']),
      ...(port !== undefined && to.includes(':')
        ? [
            finding([...at, 'port'], `the port is said twice, here and in "${to}"`, {
              suggestion: 'keep one of the two',
            }),
          ]
        : []),
      ...(address !== undefined && isIP(address) === 0
        ? [
            finding([...at, 'address'], `"${address}" is no IP address`, {
              suggestion: 'as in 0.0.0.0, for every address of this machine',
            }),
          ]
        : []),
      ...(other === undefined
        ? []
        : [
            finding([...at, 'local'], `port ${local} is the local port of another entry, too`, {
              suggestion: 'give each its own, or leave one out: devloop then takes one that is free',
            }),
          ]),
    ]
  })
}

function checkTarget(text: string, path: ConfigPath): readonly Finding[] {
  const parsed = parseForwardRef(text)
  return parsed.ok
    ? []
    : [
        finding(path, `"${text}" ${parsed.error.message}`, {
          suggestion: parsed.error.suggestion,
        }),
      ]
}
