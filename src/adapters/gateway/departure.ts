/** Whether a client went away. */
export interface Departure {
  readonly isGone: boolean
  /** For those who wait. Made when it is first asked for: most requests wait for nothing, and a signal costs more than all that is done with their headers. */
  readonly signal: AbortSignal
}

export function createDeparture(): Departure & { leave(): void } {
  let isGone = false
  let controller: AbortController | undefined
  return {
    get isGone() {
      return isGone
    },
    get signal() {
      controller ??= new AbortController()
      if (isGone) controller.abort()
      return controller.signal
    },
    leave: () => {
      isGone = true
      controller?.abort()
    },
  }
}
