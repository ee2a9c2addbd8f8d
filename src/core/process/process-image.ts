/** Where a path of an image is on this machine. */
export interface PathPair {
  /** Absolute path in the image. */
  readonly image: string
  /** Absolute path here. */
  readonly host: string
}

/** What a Dockerfile says about running its image, for a process on this machine: nothing is copied, the program runs in the folders that it is made of. */
export interface ProcessImage {
  /** The shell form is `['/bin/sh', '-c', TEXT]` already. */
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** ENV of the stage and of those that it is built upon. `$PATH` in a value stands for this machine's PATH. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute path in the image; `paths` has it. */
  readonly workingDir: string
  /** Longest image path first. */
  readonly paths: readonly PathPair[]
  /** `SIGTERM`, `SIGQUIT`, … */
  readonly stopSignal: string
  /** TCP ports of EXPOSE. */
  readonly ports: readonly number[]
  /** An entry of `cluster.process.images`: the entrypoint is all that runs, whatever command and args a container has. */
  readonly standIn: boolean
}

/** Pairs in the order that `hostPathOf` needs, the first of each image path. */
export function sortedPairs(pairs: readonly PathPair[]): readonly PathPair[] {
  const first = new Map<string, PathPair>()
  for (const pair of pairs) if (!first.has(pair.image)) first.set(pair.image, pair)
  return [...first.values()].sort((a, b) => b.image.length - a.image.length)
}

/** What every base image has there: a context that is copied to `/` has none of it. */
const SYSTEM = /^\/(?:bin|sbin|usr|etc|dev|proc|sys|lib|lib64|tmp|var|root|run|opt)(?:\/|$)/

/** Where an absolute path of the image is on this machine; undefined where nothing from here is there. `pairs` longest first. */
export function hostPathOf(path: string, pairs: readonly PathPair[]): string | undefined {
  for (const { image, host } of pairs) {
    if (path === image) return host
    if (image === '/' ? !SYSTEM.test(path) : path.startsWith(`${image}/`))
      return `${host.replace(/\/$/, '')}/${path.slice(image === '/' ? 1 : image.length + 1)}`
  }
  return undefined
}
