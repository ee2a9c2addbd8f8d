import type { ImageBuildFailed } from '../problem.js'
import type { BuildSecret } from '../project.js'
import { type DockerInstruction, parseDockerfile } from './dockerfile-instructions.js'

/** What the steps of a Dockerfile mount that is not in the context, and that whoever builds has to hand on. */
export interface BuildMounts {
  /** Ids of secrets, each once. */
  readonly secrets: readonly string[]
  /** Whether a step wants the SSH agent. */
  readonly ssh: boolean
}

/** Reads the secret and SSH mounts of RUN steps. */
export function buildMounts(dockerfile: string): BuildMounts {
  const { instructions } = parseDockerfile(dockerfile)
  const mounts = instructions.flatMap(instruction => mountsOf(instruction.trigger ?? instruction))
  const ids = mounts.flatMap(mount => (mount.get('type') === 'secret' ? [idOf(mount)] : []))
  return {
    secrets: [...new Set(ids.filter(id => id !== ''))],
    ssh: mounts.some(mount => mount.get('type') === 'ssh'),
  }
}

const mountsOf = ({ flags }: DockerInstruction): readonly ReadonlyMap<string, string>[] =>
  flags.filter(({ name }) => name === 'mount').map(({ value }) => new Map(value.split(',').map(splitPair)))

/** Without an id, the name of the file that it is mounted as. */
const idOf = (mount: ReadonlyMap<string, string>): string =>
  mount.get('id') ??
  (mount.get('target') ?? mount.get('dst') ?? mount.get('destination') ?? '').split('/').at(-1) ??
  ''

const splitPair = (part: string): readonly [string, string] => {
  const equals = part.indexOf('=')
  return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
}

/** What to do where a step failed that mounts a secret which the service does not give, or the SSH agent; undefined where it failed of something else. */
export function missingMountHint(
  { step = '', service }: Pick<ImageBuildFailed, 'step' | 'service'>,
  given: readonly BuildSecret[],
): string | undefined {
  // "[build 2/4] RUN …"
  const { secrets, ssh } = buildMounts(step.replace(/^\[[^\]]*\] /, ''))
  const missing = secrets.filter(id => !given.some(secret => secret.id === id))
  if (missing.length > 0)
    return `The step mounts what service ${service} does not give; say where it is: secrets: [${missing.map(id => `{ id: ${id}, file: … }`).join(', ')}]`
  return ssh
    ? 'The step mounts the SSH agent, which devloop does not hand on: use a build secret, or fetch what needs it in a hook beforeBuild.'
    : undefined
}
