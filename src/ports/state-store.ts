import type { Override } from '../core/overrides/overrides.js'
import type { Result } from '../core/result.js'
import type { SaveRecord } from '../core/timings/save-record.js'
import type { Journal } from './journal.js'

/** What tells one project on one cluster from another. */
export interface ProjectIdentity {
  /** Real path of the config's folder. */
  readonly root: string
  readonly name: string
  /** The kubeconfig context. */
  readonly context: string
  readonly configFile: string
}

export interface ProjectMeta extends ProjectIdentity {
  /** Version of the folder's form. */
  readonly version: 1
  /** RFC 3339. */
  readonly createdAt: string
  readonly clusterUid?: string
}

/** Who owns a project at present. */
export interface Owner {
  readonly pid: number
  /** What the system says of the process's start: with the pid it names one process for good. Opaque. */
  readonly started: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly configFile: string
  readonly command: string
}

export interface OwnerLock {
  /**
   * Notes a process group, by its leader's pid, that has to end with this owner. With a mark also what carries it as its variable DEVLOOP_CONTAINER, in
   * whatever group or session it is.
   */
  registerChild(pid: number, mark?: string): Promise<Result<void>>
  release(): Promise<void>
}

/** An image that was built from a fingerprint. */
export interface CachedImage {
  readonly reference: string
  readonly imageId: string
  readonly service: string
  /** Milliseconds since the epoch of the last use. */
  readonly at: number
}

export interface ImageCache {
  get(fingerprint: string): CachedImage | undefined
  /** Every image that is remembered. */
  all(): readonly CachedImage[]
  set(fingerprint: string, image: CachedImage): Promise<Result<void>>
}

/** What the last saves of each service took: bounded, and there for later sessions. */
export interface Timings {
  /** Oldest first. */
  records(): readonly SaveRecord[]
  add(records: readonly SaveRecord[]): Promise<Result<void>>
}

/** Local ports of forwards, the same in later sessions. */
export interface PortMemory {
  get(id: string): number | undefined
  set(id: string, port: number): Promise<Result<void>>
}

/** What people asked to be otherwise than the files say. Only the owner of the lock writes. */
export interface OverrideFile {
  read(): readonly Override[]
  write(overrides: readonly Override[]): Promise<Result<void>>
}

/** The folder of one project on one cluster. Failures are `state-unusable` unless said otherwise. */
export interface ProjectState {
  readonly meta: ProjectMeta
  readonly directory: string
  /** Unix socket or named pipe over which other commands reach the owner. */
  readonly socketPath: string
  /** For the logs of the lock's owner alone, see `LogStore`. Made by whoever writes there. */
  readonly logsDirectory: string
  /** Random secret of this project, hex: keys the hashes of secret values. */
  readonly configHashKey: string
  /** With `write` only as the owner of the lock: it rewrites the file in its shortest form. With `read`, `append` fails. */
  openJournal(options: {
    readonly access: 'read' | 'write'
    /** Told of lines that cannot be read. */
    readonly onNotice: (message: string) => void
  }): Promise<Result<Journal>>
  openImages(): Promise<Result<ImageCache>>
  openTimings(): Promise<Result<Timings>>
  /** What cannot be read is as if it were not there: another port is no harm. */
  openPorts(): Promise<PortMemory>
  openOverrides(): Promise<Result<OverrideFile>>
  /** `already-running` where a living process holds it; a dead one's lock is taken over. */
  lock(command: string): Promise<Result<OwnerLock>>
  /** The living owner, if there is one. */
  readOwner(): Promise<Result<Owner | undefined>>
  /** Ends what dead owners' children still run, and returns their pids. */
  endOrphans(): Promise<Result<readonly number[]>>
  /** Deletes the logs of the last session. */
  removeLogs(): Promise<Result<void>>
  setClusterUid(uid: string): Promise<Result<void>>
  /** Deletes the folder: nothing is owned any more. */
  remove(): Promise<Result<void>>
}

export interface StateStore {
  /** Makes the folder where there is none. */
  open(identity: ProjectIdentity): Promise<Result<ProjectState>>
  /** Projects whose root is `root` or a folder above it, and whose name is `name`; all without either. Nearest root first. */
  findProjects(filter: {
    readonly root?: string
    readonly name?: string
  }): Promise<Result<readonly ProjectMeta[]>>
}
