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

export interface FoundDockerfile {
  readonly path: string
  /** Its context: its folder, or what a compose file says. */
  readonly context: string
  /** What it may be called: its folder's name first. */
  readonly names: readonly string[]
  /** The image that a compose file builds from it. */
  readonly image: string | undefined
}

export interface FoundImage {
  /** As the manifests have it. */
  readonly image: string
  /** The first file that has it. */
  readonly file: string
  /** Names that kustomizations put in its place. */
  readonly becomes?: readonly string[]
}
