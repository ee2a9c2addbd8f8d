import type { LocalService } from '../../core/process/local-service.js'
import type { ProcessImage } from '../../core/process/process-image.js'
import type { Clock } from '../../ports/clock.js'
import type { PortOwner } from '../process/port-owner.js'
import type { ContainerLogs } from './container-logs.js'
import type { ProcessStarter } from './container-process.js'
import type { ObjectStore } from './object-store.js'

/** What the pods of an embedded cluster are run with. */
export interface NodeTools {
  readonly store: ObjectStore
  readonly clock: Clock
  readonly logs: ContainerLogs
  readonly processes: ProcessStarter
  readonly platform: NodeJS.Platform
  /** What processes have of this machine's variables. */
  readonly machine: Readonly<Record<string, string>>
  /** Folders for the volumes of pods, which go with them, and for those of claims, which stay. */
  readonly volumes: { readonly pods: string; readonly claims: string }
  /** What an image is as a process; undefined where nobody here builds it and the config has no command for it. */
  readonly imageOf: (reference: string) => ProcessImage | undefined
  /** A sentence where the file that a program of that image would start with is not on this machine. */
  readonly missingProgram: (
    reference: string,
    program: { readonly argv: readonly string[]; readonly cwd: string },
  ) => Promise<string | undefined>
  readonly freePort: () => Promise<number>
  /** Who listens at a port; `likely` is looked at first. */
  readonly portOwner: (port: number, likely: number) => Promise<PortOwner | undefined>
  /** Every Service, with the ports of this machine that lead to it. */
  readonly services: () => Promise<readonly LocalService[]>
}
