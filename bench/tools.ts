import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GeneratedProject } from './generate.js'
import type { Command } from './process-group.js'

export type ToolName = 'devloop' | 'skaffold' | 'tilt'

/** How to run one of the compared tools. */
export interface Tool {
  readonly name: ToolName
  /** Whether it can be run here. */
  isAvailable(): Promise<boolean>
  /** Prints its version. */
  readonly version: Command
  /** The loop, until it is interrupted. */
  start(project: GeneratedProject): Command
  /** A second start with nothing changed, until all is live; absent where a tool has no such thing. */
  again?(project: GeneratedProject): Command
  /** Deletes from the cluster what the loop brought. */
  takeDown(project: GeneratedProject): Command
}

const bin = fileURLToPath(new URL('../bin/devloop.js', import.meta.url))
const built = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

const devloop: Tool = {
  name: 'devloop',
  isAvailable: () => isReadable(built),
  version: { file: process.execPath, args: [bin, '--version'] },
  start: project => devloopCommand(project, ['up', '--json']),
  again: project => devloopCommand(project, ['up', '--once', '--json']),
  takeDown: project => devloopCommand(project, ['down']),
}

const skaffold: Tool = {
  name: 'skaffold',
  isAvailable: () => isOnPath('skaffold'),
  version: { file: 'skaffold', args: ['version'] },
  start: project => skaffoldCommand(project, ['dev', '--interactive=false', '--update-check=false']),
  takeDown: project => skaffoldCommand(project, ['delete']),
}

const tilt: Tool = {
  name: 'tilt',
  isAvailable: () => isOnPath('tilt'),
  version: { file: 'tilt', args: ['version'] },
  start: project => tiltCommand(project, ['up', '--stream', '--port', '0']),
  takeDown: project => tiltCommand(project, ['down']),
}

export const tools: readonly Tool[] = [devloop, skaffold, tilt]

/** Its state lies beside the project's folder, so that every project starts without any. */
export function devloopCommand(
  { configFile, folder }: Pick<GeneratedProject, 'configFile' | 'folder'>,
  args: readonly string[],
): Command {
  return {
    file: process.execPath,
    args: [bin, ...args, '-f', configFile],
    env: { XDG_STATE_HOME: `${folder}.state` },
  }
}

function skaffoldCommand({ configFile, context }: GeneratedProject, args: readonly string[]): Command {
  return { file: 'skaffold', args: [...args, '-f', configFile, '--kube-context', context] }
}

function tiltCommand({ configFile, context }: GeneratedProject, args: readonly string[]): Command {
  return { file: 'tilt', args: [...args, '-f', configFile, '--context', context] }
}

async function isOnPath(name: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await isReadable(join(folder, name), constants.X_OK))) return true
  }
  return false
}

async function isReadable(file: string, mode = constants.R_OK): Promise<boolean> {
  try {
    await access(file, mode)
    return true
  } catch {
    return false
  }
}
