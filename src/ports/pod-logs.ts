/** One container instance whose log is followed. */
export interface LogSource {
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly container: string
  /** How often the container was restarted before this instance. */
  readonly restarts: number
  readonly containerId: string
}

export type LogEvent =
  /** One line without its line end. `time` is the container runtime's own, RFC 3339 with nanoseconds. */
  | { readonly type: 'line'; readonly time: string; readonly text: string }
  /** The cluster no longer has, or may not have, lines between these two. */
  | { readonly type: 'gap'; readonly message: string }

/** Follows a container's log from its first line to its end without losing or repeating a line. */
export interface PodLogs {
  /**
   * Follows one instance of a container. Resolves when the instance ended and its log was read to the end, the pod is gone, or `signal` aborts.
   * `since` continues after a line that was shown before (RFC 3339); without it the log is read from its first line.
   */
  follow(
    source: LogSource,
    sink: (event: LogEvent) => void,
    options: {
      readonly signal: AbortSignal
      readonly since?: string
      /** No line before this time (RFC 3339). Unlike `since` it says nothing of what was shown before. */
      readonly from?: string
      /** Begins with this many of the last lines that are there. */
      readonly lines?: number
      /** Resolves once everything was read that is there now. */
      readonly snapshot?: boolean
      /** Aborts when the instance is known to have ended or its pod to be gone, so that a connection that died silently is given up soon. */
      readonly ended?: AbortSignal
    },
  ): Promise<void>
  /** The last lines of the instance before the present one, oldest first; empty where the cluster has none. */
  tail(
    source: Pick<LogSource, 'namespace' | 'pod' | 'podUid' | 'container'>,
    options: { readonly lines: number; readonly previous: boolean },
  ): Promise<readonly string[]>
}
