import type { EndpointCheck } from './checks/endpoint-check.js'
import type { Hooks } from './hooks/hook-spec.js'
import type { ReplaceSpec } from './manifest/replace-path.js'

/** A project as its config says, with every default filled in. Paths are absolute, but for those of manifests, which are as written: a glob has no absolute form that is safe to make. Built by `config/`, read by everything else. */
export interface Project {
  readonly name: string
  /** The folder of the config file; relative paths in the config start here. */
  readonly root: string
  readonly configFile: string
  /** What the config is made of besides its file; absent where it includes nothing. */
  readonly include?: ConfigInclude
  readonly cluster: ClusterSelection
  readonly namespace: {
    readonly default: string | undefined
    readonly create: boolean
    readonly override: boolean
  }
  readonly variables: Readonly<Record<string, string>>
  /** Storage classes by the name that the manifests have for them; absent: none. */
  readonly storageClasses?: Readonly<Record<string, string>>
  readonly services: readonly ServiceSpec[]
  /** Commands of the project as a whole, or of every service; absent: none. */
  readonly hooks?: Hooks
  readonly manifests: readonly ManifestSpec[]
  /** Where other kinds name our images; absent: nowhere. */
  readonly replace?: readonly ReplaceSpec[]
  /** Images that the nodes take from the local Docker besides those that are found in the manifests. */
  readonly preload: readonly string[]
  /** Names that browsers here should find besides those that the manifests route, in lower case. */
  readonly hosts: readonly string[]
  readonly build: { readonly concurrency: number }
  /** Regular expressions of lines that are kept but not shown. */
  readonly logs: { readonly ignore: readonly string[] }
  /** Seconds that `--once` waits for a workload, in place of the workload's own progress deadline. */
  readonly waitTimeout: number | undefined
  /** What becomes of objects of ours that the manifests no longer have. */
  readonly prune: 'ask' | 'auto' | 'off'
  readonly onExit: 'keep' | 'scale-zero' | 'down'
  /** Serves the routes on this machine. `auto`: where the manifests have any. Port 0 takes any that is free. */
  readonly gateway: { readonly mode: 'auto' | 'on' | 'off'; readonly port: number }
  /** Ports on this machine that lead to pods. `auto`: also those of the services built here that no route serves. */
  readonly portForward: { readonly auto: boolean; readonly forwards: readonly ForwardSpec[] }
}

/** One entry of `portForward`. */
export interface ForwardSpec {
  readonly kind: ForwardKind
  readonly name: string
  /** A number or a name; undefined: the only one that it has. */
  readonly port: number | string | undefined
  /** The port on this machine; undefined: the same number, or else one that stays the same. */
  readonly local: number | undefined
  /** Undefined: that of the manifest that has it, else of the project. */
  readonly namespace: string | undefined
  /** An IP address to listen at; undefined: the loopback ones. */
  readonly address: string | undefined
}

/** What a forward may lead to, as kubectl writes the kind. */
export type ForwardKind = 'service' | 'pod' | 'deployment' | 'statefulset' | 'daemonset' | 'job'

/** Other files of a config. */
export interface ConfigInclude {
  /** Absolute paths of those that were read, in order. */
  readonly files: readonly string[]
  /** Globs and paths as the config names them, relative to the root's folder. */
  readonly patterns: readonly string[]
}

export type ClusterSelection =
  | {
      readonly kind: 'kind'
      readonly name: string
      readonly create: boolean
      readonly image: string | undefined
      readonly config: string | undefined
    }
  | { readonly kind: 'minikube'; readonly profile: string; readonly create: boolean }
  | {
      readonly kind: 'k3d'
      readonly name: string
      readonly create: boolean
      readonly image: string | undefined
      readonly config: string | undefined
    }
  | {
      readonly kind: 'context'
      readonly name: string
      readonly allow: boolean
      readonly registry: string | undefined
    }
  | ProcessSelection
  /** No `cluster` key: the local cluster that answers. */
  | { readonly kind: 'auto' }

/** No cluster: containers are processes on this machine. */
export interface ProcessSelection {
  readonly kind: 'process'
  /** What runs in place of images that nobody builds here: a line for the shell, or a program with its arguments. */
  readonly images: Readonly<Record<string, string | readonly string[]>>
}

/** The image of another service, as what one builds upon. */
export interface RequiredImage {
  readonly service: string
  readonly arg: string
  /** How that service is built, for what its Dockerfile has those do that build upon it; absent where there is no such service. */
  readonly base?: Pick<ServiceSpec, 'dockerfile' | 'target'>
}

/** What is built and watched: one image. */
export interface ServiceSpec {
  readonly name: string
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile; it may lie outside the context. */
  readonly dockerfile: string
  /** The image reference in the manifests. With a tag, only references with that very tag are meant. */
  readonly image: string
  readonly target: string | undefined
  readonly platform: string | undefined
  readonly buildArgs: Readonly<Record<string, string>>
  readonly secrets: readonly BuildSecret[]
  /** Images of other services that this one builds upon, each handed over in a build argument. */
  readonly requires: readonly RequiredImage[]
  /** `kind/name` in lower case, where the image name does not say it. */
  readonly workloads: readonly string[]
  readonly container: string | undefined
  readonly watch: { readonly extra: readonly string[]; readonly ignore: readonly string[] }
  /** Names of services, or `kind/name` of workloads, that must be live before this service is deployed. */
  readonly dependsOn: readonly string[]
  /** Endpoints that must answer before this service is deployed; absent: none. */
  readonly checks?: readonly EndpointCheck[]
  /** Files that running containers take without a new image; the first rule that matches a file counts. Absent: every save makes an image. */
  readonly sync?: readonly SyncRule[]
  /** Its workloads get what makes rollouts quick, see `withFastRollout`; absent: they stay as their manifests have them. */
  readonly fastRollout?: true
  /** Commands before and after what is done for this service; absent: none. */
  readonly hooks?: Hooks
}

/** Where files of the context go in the container, and what is done after. */
export interface SyncRule {
  /** A glob of files, relative to the context. */
  readonly match: string
  /** What is taken off the front of a file's path, relative to the context; '' for nothing. */
  readonly strip: string
  /** Absolute path of a folder in the container. */
  readonly to: string
  readonly after: AfterSync
}

export type AfterSync =
  | { readonly kind: 'nothing' }
  /** The container's process is started anew. */
  | { readonly kind: 'restart' }
  /** A command in the container: a line for its `sh`, or a program with its arguments. */
  | { readonly kind: 'run'; readonly command: string | readonly string[] }

export type BuildSecret = { readonly id: string } & ({ readonly file: string } | { readonly env: string })

/** One entry of `manifests`. */
export type ManifestSpec = RawManifests | KustomizeManifests | HelmManifests | CommandManifests

/** A kustomization, rendered by Kustomize. */
export interface KustomizeManifests {
  readonly kind: 'kustomize'
  /** Absolute path of the folder with the kustomization. */
  readonly folder: string
  /** What people call it. */
  readonly name: string | undefined
  /** The namespace of objects that name none. */
  readonly namespace: string | undefined
}

/** A chart on this machine, rendered by `helm template`. */
export interface HelmManifests {
  readonly kind: 'helm'
  /** Absolute path of the chart's folder or of a packaged chart. */
  readonly chart: string
  /** Undefined: the chart folder's name. */
  readonly release: string | undefined
  readonly namespace: string | undefined
  /** Absolute paths of values files; a later one wins. */
  readonly values: readonly string[]
  readonly set: readonly HelmValue[]
}

export interface HelmValue {
  /** As `helm --set` has it: `auth.rootPassword`. */
  readonly key: string
  /** As the config has it: `1.10` stays `1.10`. */
  readonly value: string
  /** Whether it is text whatever it looks like, as helm's `--set-string`. */
  readonly isText: boolean
}

/** A command that prints YAML documents on its standard output. */
export interface CommandManifests {
  readonly kind: 'command'
  /** A line for the shell, or a program with its arguments. */
  readonly command: string | readonly string[]
  /** Files, folders and globs, relative to the folder of the config file, that its output depends on. None: it runs at each render. */
  readonly inputs: readonly string[]
  /** Absolute path of the folder to run in; absent: the folder of the config file. */
  readonly cwd?: string
  readonly name: string | undefined
  readonly namespace: string | undefined
}

/** A folder, file or glob of raw manifests; in a folder, kustomizations and charts are rendered by their tools. */
export interface RawManifests {
  readonly kind: 'raw'
  readonly path: string
  /** Globs relative to the folder, left out. */
  readonly exclude: readonly string[]
  /** Whether declared variables are replaced in these files. */
  readonly substitute: boolean
}
