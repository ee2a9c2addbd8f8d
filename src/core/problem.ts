/**
 * Everything that can go wrong in a way that a person can do something about. Data only: `explain.ts` has the words, and adapters translate
 * their library's errors into these at their own edge.
 */
export type Problem =
  | ConfigInvalid
  | UsageInvalid
  | CommandFailed
  | HookFailed
  | EngineUnreachable
  | ImageBuildFailed
  | ImageLoadFailed
  | ContextInvalid
  | ClusterUnreachable
  | ClusterRefused
  | ClusterMissing
  | RenderFailed
  | ApplyRejected
  | ApplyConflict
  | DeleteFailed
  | RolloutFailed
  | EndpointUnready
  | WatchFailed
  | AlreadyRunning
  | NotRunning
  | StateUnusable
  | HostsFileFailed
  | GatewayFailed
  | ForwardFailed
  | DebugRefused
  | Cancelled
  | Bug

/** A place in a file that a person wrote. Lines and columns count from 1; `endColumn` is exclusive. */
export interface SourceRange {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** One finding in a config file or manifest. `frame` is the source line with a marker under the range, ready to print. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly range?: SourceRange
  readonly frame?: string
  readonly suggestion?: string
}

export interface ConfigInvalid {
  readonly kind: 'config-invalid'
  readonly file: string
  /** Further files that were read, or looked for in vain: a change of one may be the remedy. */
  readonly others?: readonly string[]
  /** There is no such file: the configs in folders below the one that was looked in, as paths from there. */
  readonly below?: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface UsageInvalid {
  readonly kind: 'usage-invalid'
  readonly message: string
  readonly hint?: string
}

export interface CommandFailed {
  readonly kind: 'command-failed'
  readonly argv: readonly string[]
  /** Absent when the command could not be started or was ended by a signal. */
  readonly exitCode?: number
  readonly signal?: string
  readonly reason: 'not-found' | 'exited' | 'signalled' | 'timed-out' | 'failed'
  /** The last lines of stdout and stderr as they came. */
  readonly output: readonly string[]
}

/** A command of `hooks`. */
export interface HookFailed {
  readonly kind: 'hook-failed'
  /** `tour.beforeBuild` */
  readonly hook: string
  readonly command: string
  /** Where it ran: a folder, or a pod and container. Undefined where it did not get as far. */
  readonly place: string | undefined
  readonly reason: 'not-found' | 'exited' | 'signalled' | 'timed-out' | 'no-container' | 'failed'
  readonly exitCode?: number
  /** Seconds that it had. */
  readonly timeout?: number
  readonly output: readonly string[]
}

export interface EngineUnreachable {
  readonly kind: 'engine-unreachable'
  /** The socket or address that was tried. */
  readonly endpoint: string
  readonly message: string
  /** It takes requests and does not answer them. */
  readonly hangs?: true
}

export interface ImageBuildFailed {
  readonly kind: 'image-build-failed'
  readonly service: string
  readonly message: string
  /** The Dockerfile instruction that failed, as the builder names it. */
  readonly step?: string
  readonly range?: SourceRange
  readonly output: readonly string[]
  readonly hint?: string
}

export interface ImageLoadFailed {
  readonly kind: 'image-load-failed'
  readonly image: string
  readonly node?: string
  readonly method: string
  readonly message: string
  readonly hint?: string
  /** The local engine has no such image. */
  readonly absent?: true
}

/** A build context, Dockerfile or .dockerignore that cannot be read or understood. */
export interface ContextInvalid {
  readonly kind: 'context-invalid'
  readonly service: string
  readonly message: string
  readonly range?: SourceRange
  readonly hint?: string
}

export interface ClusterUnreachable {
  readonly kind: 'cluster-unreachable'
  readonly context: string
  readonly server?: string
  readonly message: string
}

/** devloop will not touch this cluster: it is not local and not allowed, or is not the one that was allowed. */
export interface ClusterRefused {
  readonly kind: 'cluster-refused'
  readonly context: string
  readonly reason: 'not-local' | 'uid-changed' | 'not-what-it-says' | 'no-registry'
  readonly message: string
}

export interface ClusterMissing {
  readonly kind: 'cluster-missing'
  readonly message: string
  readonly hint: string
}

export interface RenderFailed {
  readonly kind: 'render-failed'
  readonly diagnostics: readonly Diagnostic[]
}

/** The API server, or an admission webhook or policy, refused an object. `message` is quoted in full. */
export interface ApplyRejected {
  readonly kind: 'apply-rejected'
  readonly object: string
  readonly source?: SourceRange
  readonly reason:
    | 'invalid'
    | 'unknown-field'
    | 'immutable'
    | 'denied'
    | 'forbidden'
    | 'no-such-kind'
    /** A kind that Kubernetes dropped, and that nothing equal has taken the place of. */
    | 'removed-kind'
    /** The cluster has no storage class of the name that it asks for. */
    | 'storage-class'
    | 'namespace'
    | 'quota'
    | 'other'
  readonly status?: number
  readonly message: string
  readonly fields: readonly string[]
  readonly hint?: string
}

/** Another field manager holds fields that the manifest sets, and devloop has not taken them. */
export interface ApplyConflict {
  readonly kind: 'apply-conflict'
  readonly object: string
  readonly source?: SourceRange
  readonly conflicts: readonly { readonly manager: string; readonly field: string }[]
}

export interface DeleteFailed {
  readonly kind: 'delete-failed'
  readonly object: string
  readonly message: string
}

export type RolloutFailureReason =
  | 'image-pull'
  | 'crash-loop'
  | 'container-exited'
  | 'out-of-memory'
  | 'start-error'
  | 'config-error'
  | 'needs-cluster'
  | 'probe-failing'
  | 'unschedulable'
  | 'quota'
  | 'denied'
  | 'evicted'
  | 'job-failed'
  | 'deadline'
  | 'volume'
  | 'other'

/** Why the pods of a workload are not ready. */
export interface RolloutFailed {
  readonly kind: 'rollout-failed'
  /** `kind/name` in lower case, as kubectl writes it. */
  readonly workload: string
  readonly namespace: string
  readonly reason: RolloutFailureReason
  readonly message: string
  readonly pod?: string
  readonly container?: string
  readonly exitCode?: number
  /** The number of the signal that ended the program, where that is known: of processes it is, of containers hardly ever. */
  readonly signal?: number
  readonly restarts?: number
  /** The container's last lines, oldest first. */
  readonly lastLines: readonly string[]
}

/** An endpoint of `dependsOn` was not there in all the time that the config gives it. */
export interface EndpointUnready {
  readonly kind: 'endpoint-unready'
  /** As the config has it. */
  readonly target: string
  readonly seconds: number
  /** What was found at the last look. */
  readonly message: string
}

export interface WatchFailed {
  readonly kind: 'watch-failed'
  readonly path: string
  readonly reason: 'limit' | 'missing' | 'permission' | 'other'
  readonly message: string
  readonly hint?: string
}

export interface AlreadyRunning {
  readonly kind: 'already-running'
  readonly pid: number
  readonly startedAt: string
  readonly config: string
}

export interface NotRunning {
  readonly kind: 'not-running'
  readonly message: string
}

/** devloop's own files (journal, lock, socket) cannot be read or written. */
export interface StateUnusable {
  readonly kind: 'state-unusable'
  readonly path: string
  readonly message: string
}

/** The hosts file of this system was not changed. */
export interface HostsFileFailed {
  readonly kind: 'hosts-file-failed'
  readonly file: string
  readonly reason: 'rights' | 'changed' | 'damaged' | 'other'
  readonly message: string
  readonly hint?: string
}

/** The local gateway cannot serve at its port. */
export interface GatewayFailed {
  readonly kind: 'gateway-failed'
  readonly port: number
  readonly reason: 'taken' | 'rights' | 'other'
  readonly message: string
  /** Who has the port, where that can be known. */
  readonly owner?: { readonly pid: number; readonly program: string }
  /** Decides what lets it have the port; absent for Linux, WSL included. */
  readonly system?: 'macos' | 'windows'
}

/** A port on this machine cannot lead to pods. */
export interface ForwardFailed {
  readonly kind: 'forward-failed'
  /** `service/tour-srv:3000`. */
  readonly target: string
  /** The port on this machine; undefined where none was tried. */
  readonly port?: number
  /** `target`: there is no such thing to lead to. `address`: this machine has not the address to listen at. */
  readonly reason: 'taken' | 'rights' | 'address' | 'target' | 'other'
  readonly message: string
  /** Who has the port, where that can be known. */
  readonly owner?: { readonly pid: number; readonly program: string }
}

/** A service cannot be debugged. */
export interface DebugRefused {
  readonly kind: 'debug-refused'
  readonly service: string
  readonly message: string
  readonly hint?: string
}

/** The work was superseded or stopped. Never shown as a failure. */
export interface Cancelled {
  readonly kind: 'cancelled'
}

/** A defect in devloop itself. */
export interface Bug {
  readonly kind: 'bug'
  readonly where: string
  readonly message: string
  readonly stack?: string
}

export const cancelled: Cancelled = { kind: 'cancelled' }
