import { join } from 'node:path'
import type { ConfigDocument } from './document.js'
import type { Environment } from './resolve-variables.js'

/** What a config's values are resolved with. */
export interface ResolveContext {
  readonly document: ConfigDocument
  /** For build arguments that come from it. */
  readonly env: Environment
  /** The folder of the config file. */
  readonly root: string
  /** The user's home folder, for `~`. */
  readonly home: string
  /** Hooks of other systems are left out: linux, darwin or windows. Undefined keeps all. */
  readonly system?: string
}

/** `~` and `~/…` as the shell reads them. */
export function expandHome(path: string, home: string): string {
  if (path === '~') return home
  return /^~[/\\]/.test(path) ? join(home, path.slice(2)) : path
}
