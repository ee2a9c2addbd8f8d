import type { GcPlan } from '../core/gc/stale-images.js'
import { formatBytes } from './format.js'

const counted = (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`

/** What `devloop gc` would remove. */
export function formatGcPlan({ host, nodes, kept }: GcPlan, keep: number): string {
  const rest = `Kept: ${counted(kept)} (the last ${keep} of each service, what runs, and what a rollback needs).`
  if (host.length === 0 && nodes.length === 0) return `Nothing to remove. ${rest}\n`
  const bytes = host.reduce((sum, { uniqueBytes }) => sum + uniqueBytes, 0)
  const lines = [
    `Would be removed from the local engine: ${counted(host.length)}, ${formatBytes(bytes)} that no other image has`,
    ...host.map(({ reference, uniqueBytes }) => `  ${formatBytes(uniqueBytes).padStart(9)}  ${reference}`),
    ...nodes.map(({ node, names }) => `Would be removed from the node ${node}: ${counted(names.length)}`),
    rest,
  ]
  return `${lines.join('\n')}\n`
}

/** What `devloop gc` removed. */
export function formatGc(report: {
  readonly host: number
  readonly bytes: number
  readonly nodes: readonly { readonly node: string; readonly images: number }[]
  readonly inUse: readonly string[]
}): string {
  const { host, bytes, nodes, inUse } = report
  if (host === 0 && nodes.length === 0 && inUse.length === 0) return 'Nothing to remove.\n'
  const lines = [
    `Removed from the local engine: ${counted(host)}, ${formatBytes(bytes)}`,
    ...nodes.map(({ node, images }) => `Removed from the node ${node}: ${counted(images)}`),
    ...inUse.map(reference => `${reference} stays: it came into use`),
  ]
  return `${lines.join('\n')}\n`
}
