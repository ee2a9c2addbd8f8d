import type { BuildArgs } from './compose-builds.js'
import type { DockerfileFacts } from './read-dockerfile.js'

/** What `devloop init` found in a folder. Paths are relative to it, with `/`. */
export interface ProjectFacts {
  /** The folder's own name. */
  readonly folder: string
  readonly dockerfiles: readonly FoundDockerfile[]
  readonly images: readonly FoundImage[]
  /** Names that the manifests expect to be put in for them: `NAMESPACE` of `$NAMESPACE`. */
  readonly variables: readonly string[]
  /** Files with API objects that no chart and no kustomization has. */
  readonly manifests: readonly string[]
  /** Folders of kustomizations that no other one builds upon. */
  readonly kustomizations: readonly string[]
  /** Folders in which a kustomization is, at the top or below another. */
  readonly kustomized: readonly string[]
  /** Folders of charts that are no part of another. */
  readonly charts: readonly string[]
}

export interface FoundDockerfile extends DockerfileFacts {
  readonly path: string
  /** Its context: what a compose file says, else its folder, or one above it that has what it copies. */
  readonly context: string
  /** What it may be called: its folder's name first. */
  readonly names: readonly string[]
  /** The image that a compose file builds from it. */
  readonly image: string | undefined
  /** The stage that a compose file builds. */
  readonly target: string | undefined
  /** What a compose file gives it. */
  readonly buildArgs: BuildArgs
}

export interface FoundImage {
  /** As the manifests have it. */
  readonly image: string
  /** The first file that has it. */
  readonly file: string
  /** Names that kustomizations put in its place. */
  readonly becomes?: readonly string[]
}
