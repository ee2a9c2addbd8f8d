import { release } from 'node:os'
import { win32 } from 'node:path'

export interface System {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** As `uname -r` says it; the running one unless given. */
  readonly release?: string
}

/** The hosts file of a system. `DEVLOOP_HOSTS_FILE` names another one. */
export function hostsPath({ env, platform }: System): string {
  if (env.DEVLOOP_HOSTS_FILE) return env.DEVLOOP_HOSTS_FILE
  return platform === 'win32' ? windowsHosts(env.SystemRoot ?? env.SYSTEMROOT) : '/etc/hosts'
}

const windowsHosts = (root = 'C:\\Windows'): string => win32.join(root, 'System32', 'drivers', 'etc', 'hosts')

/** Under WSL there are two systems, each with a hosts file of its own. */
export function hostsNotes(system: System): readonly string[] {
  if (system.platform !== 'linux' || system.env.DEVLOOP_HOSTS_FILE) return []
  const isWsl = Boolean(system.env.WSL_DISTRO_NAME) || /microsoft/i.test(system.release ?? release())
  if (!isWsl) return []
  return [
    `browsers on Windows read ${windowsHosts()}: add the lines there too, in an editor that runs as administrator`,
    'WSL makes /etc/hosts anew from the one of Windows when it starts, unless /etc/wsl.conf says "generateHosts = false"',
  ]
}

/** The command that puts `staged` in the place of the hosts file, for a person who may. */
export function copyCommand(staged: string, file: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return `sudo cp ${shellQuoted(staged)} ${shellQuoted(file)}`
  return `Copy-Item ${powerShellQuoted(staged)} ${powerShellQuoted(file)}`
}

const shellQuoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

const powerShellQuoted = (word: string): string => `'${word.replaceAll("'", "''")}'`
