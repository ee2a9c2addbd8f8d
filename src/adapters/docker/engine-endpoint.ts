import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the Docker engine is, and how to prove who we are there. */
export interface EngineEndpoint {
  /** As DOCKER_HOST writes it: `unix:///…`, `npipe:////./pipe/…`, `tcp://host:port`, `ssh://user@host`. */
  readonly url: string
  /** PEM files for tcp with TLS. */
  readonly tls?: {
    readonly ca?: Buffer
    readonly cert?: Buffer
    readonly key?: Buffer
    readonly verify: boolean
  }
}

export interface EndpointEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home?: string
  readonly platform?: NodeJS.Platform
}

/**
 * Finds the engine as the docker command does: DOCKER_HOST, else DOCKER_CONTEXT or the current context of its config, else the default
 * socket. Where that is missing, the sockets of rootless Docker, Docker Desktop and colima are tried.
 * Throws where a context is named that is not there or cannot be read.
 */
export async function resolveEndpoint({
  env,
  home = homedir(),
  platform = process.platform,
}: EndpointEnvironment): Promise<EngineEndpoint> {
  const folder = dockerConfigFolder(env, home)
  if (env.DOCKER_HOST) {
    const url = env.DOCKER_HOST.includes('://') ? env.DOCKER_HOST : `tcp://${env.DOCKER_HOST}`
    const verify = Boolean(env.DOCKER_TLS_VERIFY)
    // As in the docker command, any value switches TLS on, and a folder of certificates alone does not.
    if (!url.startsWith('tcp://') || !(verify || env.DOCKER_TLS)) return { url }
    return { url, tls: { ...(await pemFiles(env.DOCKER_CERT_PATH ?? folder)), verify } }
  }
  const context = env.DOCKER_CONTEXT || (await currentContext(folder))
  if (context !== undefined && context !== 'default') return contextEndpoint(folder, context)
  const candidates = defaultUrls({ env, home, platform })
  for (const url of candidates) {
    if (await exists(url.replace(/^(unix|npipe):\/\//, ''))) return { url }
  }
  return { url: candidates[0] ?? 'unix:///var/run/docker.sock' }
}

/** The folder of the docker command's own config. */
function dockerConfigFolder(env: EndpointEnvironment['env'], home = homedir()): string {
  return env.DOCKER_CONFIG || join(home, '.docker')
}

function defaultUrls({ env, home, platform }: Required<EndpointEnvironment>): readonly string[] {
  if (platform === 'win32')
    return ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/dockerDesktopLinuxEngine']
  const runtime = env.XDG_RUNTIME_DIR
  return [
    'unix:///var/run/docker.sock',
    ...(runtime ? [`unix://${runtime}/docker.sock`] : []),
    `unix://${home}/.docker/run/docker.sock`,
    `unix://${home}/.docker/desktop/docker.sock`,
    `unix://${home}/.colima/default/docker.sock`,
  ]
}

async function currentContext(folder: string): Promise<string | undefined> {
  const text = await optional(join(folder, 'config.json'))
  if (text === undefined) return undefined
  const config = JSON.parse(text.toString('utf8')) as { readonly currentContext?: string }
  return config.currentContext || undefined
}

async function contextEndpoint(folder: string, name: string): Promise<EngineEndpoint> {
  const id = createHash('sha256').update(name).digest('hex')
  const text = await optional(join(folder, 'contexts', 'meta', id, 'meta.json'))
  if (text === undefined)
    throw new Error(`the Docker context "${name}" is not in ${join(folder, 'contexts')}`)
  const meta = JSON.parse(text.toString('utf8')) as {
    readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } }
  }
  const docker = meta.Endpoints?.docker
  if (!docker?.Host) throw new Error(`the Docker context "${name}" names no Docker host`)
  const tls = await pemFiles(join(folder, 'contexts', 'tls', id, 'docker'))
  if (!docker.Host.startsWith('tcp://') || Object.keys(tls).length === 0) return { url: docker.Host }
  return { url: docker.Host, tls: { ...tls, verify: docker.SkipTLSVerify !== true } }
}

async function pemFiles(folder: string): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer }> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map(name => optional(join(folder, name))),
  )
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

const optional = (path: string): Promise<Buffer | undefined> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
