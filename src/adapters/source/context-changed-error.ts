/** A file changed between snapshot and build: the build is void, and a new snapshot gives a good one. */
export class ContextChangedError extends Error {
  readonly code = 'CONTEXT_CHANGED'
  readonly path: string
  constructor(path: string) {
    super(`${path} changed while it was sent to the builder`)
    this.path = path
  }
}
