import { stringify } from 'yaml'
import type { LoadedConfig } from './parse.js'

/** The config that counts as one YAML file for the root's folder, under comments that say what it was made of. */
export function printConfig({ project, profiles, effective }: LoadedConfig): string {
  const comments = [
    `from ${[project.configFile, ...(project.include?.files ?? [])].join(', ')}`,
    ...profiles.map(
      ({ name, active, why }) => `profile ${name} is ${active ? 'active' : 'not active'}: ${why}`,
    ),
  ]
  return `${comments.map(line => `# ${line}\n`).join('')}${stringify(effective, { lineWidth: 120 })}`
}
