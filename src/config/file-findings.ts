import type { ConfigFile } from './config-tree.js'
import type { Finding } from './finding.js'

/** Something wrong at a path of one of the files that a config is made of. */
export interface FileFinding {
  readonly source: ConfigFile
  readonly finding: Finding
}
