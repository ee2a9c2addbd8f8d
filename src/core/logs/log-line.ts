/** Where a line of the log view comes from: one run of one container. */
export interface LogOrigin {
  /** The service whose image the container runs. */
  readonly service?: string
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly container: string
  /** `app` runs the service's own image, or is what the workload is for; `sidecar` is whatever runs beside it. */
  readonly role: 'app' | 'sidecar' | 'init'
  /** How often the container was restarted before this run. */
  readonly restarts: number
}

/** What a log store is given. Text is as the program wrote it: control sequences are dealt with where it is shown. */
export interface NewLogLine {
  readonly origin: LogOrigin
  /**
   * `line`: printed by the program. `gap`: the cluster no longer has the lines between its neighbours. `divider`: devloop's own word on what happened
   * here, such as a restart or the first pod of a new save.
   */
  readonly kind: 'line' | 'gap' | 'divider'
  /** As the container runtime wrote it, RFC 3339 with nanoseconds; devloop's own clock for gaps and dividers. */
  readonly time: string
  readonly text: string
}

/** A line that a store holds. */
export interface LogLine extends NewLogLine {
  /** Its place in the stream of all lines; each is greater than the one before. */
  readonly seq: number
}
