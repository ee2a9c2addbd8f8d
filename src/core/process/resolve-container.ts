import type { KubeObject } from '../kube-object.js'
import { type Fields, itemsOf, stringOf } from '../manifest/fields.js'
import { err, ok, type Result } from '../result.js'
import { type ContainerFault, containerEnv, type FindObject } from './container-env.js'
import { rewriteAddresses, rewritePairs } from './local-addresses.js'
import type { LocalService } from './local-service.js'
import { type OwnPorts, rewriteOwnPort, rewritePortArgument } from './own-ports.js'
import { hostPathOf, type PathPair, type ProcessImage, sortedPairs } from './process-image.js'
import { programPath, textWithHostPaths } from './program-paths.js'
import { expandReferences } from './references.js'

export interface ContainerInput {
  /** With its namespace. */
  readonly pod: KubeObject
  /** One of its containers. */
  readonly container: Fields
  readonly image: ProcessImage
  /** Objects of the pod's namespace. */
  readonly objects: FindObject
  /** The container's ports by number, and where each is on this machine. */
  readonly ports: OwnPorts
  /** Of every namespace. */
  readonly services: readonly LocalService[]
  /** Where what the pod mounts is on this machine. */
  readonly mounts: readonly PathPair[]
  /** What the process has of this machine's environment, see `machineEnv`. */
  readonly machine: Readonly<Record<string, string>>
}

/** How a container runs as a process. */
export interface ContainerProcess {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** What is not as the manifests have it: variables, and arguments as `argument N`. */
  readonly rewritten: readonly Rewritten[]
  /** What a person should know besides. */
  readonly notes: readonly string[]
}

export interface Rewritten {
  readonly name: string
  readonly from: string
  readonly to: string
}

/** Makes of a container what runs on this machine: its program with paths of this machine, its variables with addresses of this machine. */
export function resolveContainer(input: ContainerInput): Result<ContainerProcess, ContainerFault> {
  const { container, image, mounts } = input
  const given = containerEnv(input)
  if (!given.ok) return given
  const program = programOf(input, given.value)
  if (program.length === 0)
    return err({
      reason: 'CreateContainerError',
      message:
        'no command is known: neither the container nor the Dockerfile has one, and what its base image runs is not read; say it in cluster.process.images',
    })
  const pairs = sortedPairs([...mounts, ...image.paths])
  // A stand-in runs where the config says; the manifest's folder is of the image that it stands for.
  const workingDir = (image.standIn ? undefined : stringOf(container.workingDir)) ?? image.workingDir
  const cwd = hostPathOf(workingDir, pairs)
  if (cwd === undefined)
    return err({
      reason: 'CreateContainerError',
      message: `the working directory ${workingDir} is of the image alone: no COPY fills it from this machine`,
    })
  const { env, rewritten } = rewriteEnv(input, given.value, pairs)
  const argv = image.standIn
    ? standInArgv(program, env)
    : rewriteArgv(program, input, { pairs, workingDir, cwd })
  const moved = (image.standIn ? [] : program).flatMap((from, at) => {
    const to = argv[at] ?? from
    // `/usr/local/bin/node` that is this machine's `node` is no news.
    return to === from || from.endsWith(`/${to}`) ? [] : [{ name: `argument ${at}`, from, to }]
  })
  return ok({ argv, cwd, env, rewritten: [...rewritten, ...moved], notes: mounts.map(noteOf) })
}

const noteOf = ({ image, host }: PathPair): string =>
  `${image} is mounted at ${host}; the program finds it where an argument or a variable names the path`

/** What runs, as in a cluster. */
function programOf(
  { container, image }: ContainerInput,
  env: ReadonlyMap<string, string>,
): readonly string[] {
  const words = (list: unknown): readonly string[] | undefined =>
    Array.isArray(list) && list.length > 0
      ? itemsOf(list).map(word => expandReferences(`${word}`, name => env.get(name)))
      : undefined
  if (image.standIn) return image.entrypoint
  const command = words(container.command)
  const args = words(container.args)
  // A command of the pod leaves nothing of the image; its args take the place of CMD alone.
  return withoutInit(
    command === undefined ? [...image.entrypoint, ...(args ?? image.command)] : [...command, ...(args ?? [])],
  )
}

/** Without a small init process in front, which images have for what devloop does here: it ends whole process groups. */
function withoutInit(program: readonly string[]): readonly string[] {
  if (!/(?:^|\/)(?:tini|dumb-init|catatonit)(?:-static)?$/.test(program[0] ?? '')) return program
  const start = program.findIndex((word, index) => index > 0 && !word.startsWith('-'))
  return start === -1 ? program : program.slice(start)
}

/** A list of a stand-in names variables as manifests do; a line for the shell leaves them to that. */
function standInArgv(program: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  const isLine = program[0] === '/bin/sh' && program[1] === '-c'
  return isLine ? program : program.map(word => expandReferences(word, name => env[name]))
}

function rewriteArgv(
  program: readonly string[],
  { ports, services, pod }: ContainerInput,
  at: { readonly pairs: readonly PathPair[]; readonly workingDir: string; readonly cwd: string },
): readonly string[] {
  const scope = { services, namespace: pod.metadata.namespace ?? 'default' }
  const isShell = /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(program[0] ?? '')
  const script = isShell ? program.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word)) + 1 : 0
  return program.map((word, index) => {
    if (script > 0 && index === script) return rewriteAddresses(textWithHostPaths(word, at.pairs), scope)
    if (index === 0) return programPath(word, at)
    const port = rewritePortArgument(word, ports)
    if (port !== undefined) return port
    return rewriteAddresses(argumentPath(word, at), scope)
  })
}

/** `/app/src/main.js`, `--config=/app/config.yaml`, and a relative path that lies elsewhere here than in the image. */
function argumentPath(word: string, { pairs, workingDir, cwd }: Parameters<typeof programPath>[1]): string {
  const option = /^(-{1,2}[\w-]+=)?(\/.*)$/.exec(word)
  if (option !== null) {
    const host = hostPathOf(option[2] ?? '', pairs)
    return host === undefined ? word : `${option[1] ?? ''}${host}`
  }
  // A bare word is a program only in front.
  if (!/[./]/.test(word)) return word
  return programPath(word, { pairs: pairs.filter(({ image }) => image !== workingDir), workingDir, cwd })
}

interface RewrittenEnv {
  readonly env: Readonly<Record<string, string>>
  readonly rewritten: readonly Rewritten[]
}

function rewriteEnv(
  { pod, image, machine, ports, services, mounts }: ContainerInput,
  given: ReadonlyMap<string, string>,
  pairs: readonly PathPair[],
): RewrittenEnv {
  const scope = { services, namespace: pod.metadata.namespace ?? 'default' }
  const wanted = new Map([...Object.entries(image.env), ...given])
  const apart = rewritePairs(wanted, scope)
  const rewritten: Rewritten[] = []
  const env = new Map(Object.entries(machine))
  for (const [name, from] of wanted) {
    const to =
      name === 'PATH'
        ? searchPath(from, machine.PATH ?? '', pairs)
        : (apart.get(name) ??
          rewriteOwnPort(name, from, ports) ??
          pathBelow(name, from, { pairs, mounts }) ??
          rewriteAddresses(from, scope))
    env.set(name, to)
    if (to !== from && name !== 'PATH') rewritten.push({ name, from, to })
  }
  const [[, first] = [undefined, undefined]] = [...ports]
  if (first !== undefined && (image.standIn || !env.has('PORT'))) env.set('PORT', `${first}`)
  if (image.standIn) for (const [port, local] of ports) env.set(`PORT_${port}`, `${local}`)
  return { env: Object.fromEntries(env), rewritten }
}

/** Variables whose paths are of URLs. */
const OF_URLS = /URL|URI|PREFIX|ROUTE|ENDPOINT|BASE_?PATH|CONTEXT_?PATH/i

/** A mounted folder, or a path below one that is known here. That of a folder itself may as well be a part of URLs: it stays. */
function pathBelow(
  name: string,
  value: string,
  { pairs, mounts }: { readonly pairs: readonly PathPair[]; readonly mounts: readonly PathPair[] },
): string | undefined {
  if (!value.startsWith('/') || /\s/.test(value) || OF_URLS.test(name)) return undefined
  const isKnown =
    mounts.some(({ image }) => image === value) ||
    pairs.some(
      ({ image }) =>
        image !== '/' && (value.startsWith(`${image}/`) || (image === value && /\.\w+$/.test(image))),
    )
  return isKnown ? hostPathOf(value, pairs) : undefined
}

/** The image's own folders first, where they are here, then this machine's. */
function searchPath(value: string, machine: string, pairs: readonly PathPair[]): string {
  const own = value
    .split(':')
    .flatMap(folder => (folder === '$PATH' ? [] : (hostPathOf(folder, pairs) ?? [])))
  return [...own, machine].filter(folder => folder !== '').join(':')
}
