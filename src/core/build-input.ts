/** One entry of a build context that a COPY, ADD or bind mount of the target's stages can see. */
export interface ContextFile {
  /** Relative to the context, with `/`. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  /** Permission bits. */
  readonly mode: number
  /** Bytes; 0 for anything but a file. */
  readonly size: number
  /** When its content was changed last, in milliseconds since the epoch; absent where nobody looked. In no digest. */
  readonly mtimeMs?: number
  /** Where a symlink points. */
  readonly linkTarget?: string
  /** SHA-256 of a file's content, hex; absent for files that are sent but are not in the digest (`watch.ignore`, `.git`, editors' side files). */
  readonly sha256?: string
}

/** A service's inputs at one moment. */
export interface ContextSnapshot {
  readonly service: string
  /** SHA-256, hex: the visible files by content, mode and name; the Dockerfile; the files of `watch.extra`. Without build arguments and bases. */
  readonly digest: string
  readonly files: readonly ContextFile[]
  /** Sum of the files' sizes in bytes. */
  readonly bytes: number
  /** The Dockerfile's text, so that the build uses what was fingerprinted. */
  readonly dockerfile: string
  /** External images of the FROM and COPY --from of the target's stages, build arguments replaced; `scratch` left out. */
  readonly baseImages: readonly string[]
  /** The one of them that the target is built upon; absent where it is built upon nothing, or on what is known later. */
  readonly finalBase?: string
  readonly needsBuildKit: boolean
  /** Digests of what counts besides files of the context, by absolute path: the Dockerfile, the ignore file that is in force, the files of `watch.extra`. */
  readonly others?: Readonly<Record<string, string>>
  /** Paths (relative to the context) whose content differs from the snapshot before; empty for the first. */
  readonly changed: readonly string[]
}
