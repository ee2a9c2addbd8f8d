import * as z from 'zod'

/** What matters here of a profile's config. */
export interface MinikubeProfile {
  readonly driver: string
  readonly runtime: 'docker' | 'containerd' | 'crio'
  /** Addresses of the API server as `host:port`, within the machine or container that minikube made. */
  readonly addresses: readonly string[]
  /** The port in the machine; kubelets' side. */
  readonly port: number
  /** The port of the host that leads to it, where the qemu driver forwards one. */
  readonly forwardedPort: number
}

export type MinikubeState = 'running' | 'stopped' | 'absent'

const DEFAULT_PORT = 8443

const listSchema = z.object({
  valid: z.array(
    z.object({
      Name: z.string(),
      Config: z.object({
        Driver: z.string(),
        APIServerPort: z.number().default(0),
        APIServerHAVIP: z.string().default(''),
        KubernetesConfig: z.object({ ContainerRuntime: z.string(), APIServerHAVIP: z.string().default('') }),
        Nodes: z.array(z.object({ IP: z.string(), Port: z.number(), ControlPlane: z.boolean() })),
      }),
    }),
  ),
})

const statusSchema = z.object({ Host: z.string() })

/** Reads `minikube profile list -o json`. Undefined where the profile is not in it; throws where it is no such list. */
export function parseProfile(output: string, name: string): MinikubeProfile | undefined {
  const found = listSchema.parse(JSON.parse(output)).valid.find(profile => profile.Name === name)
  if (found === undefined) return undefined
  const { Driver, Nodes, KubernetesConfig, APIServerPort } = found.Config
  const servers = Nodes.filter(node => node.ControlPlane)
  const port = servers[0]?.Port || DEFAULT_PORT
  const shared = KubernetesConfig.APIServerHAVIP || found.Config.APIServerHAVIP
  return {
    driver: Driver,
    runtime: runtimeOf(KubernetesConfig.ContainerRuntime),
    addresses: [
      ...servers.filter(({ IP }) => IP !== '').map(({ IP, Port }) => address(IP, Port || port)),
      ...(shared === '' ? [] : [address(shared, port)]),
    ],
    port,
    forwardedPort: APIServerPort,
  }
}

/**
 * Reads `minikube status -o json`: one object, or an array where there are several nodes. The exit code says the same in bits, so that the
 * command fails for a stopped cluster. Undefined where no line is a status.
 */
export function parseState(lines: readonly string[]): MinikubeState | undefined {
  for (const line of lines) {
    if (!/^\s*[[{]/.test(line)) continue
    try {
      const value: unknown = JSON.parse(line)
      const nodes = z
        .array(statusSchema)
        .min(1)
        .parse(Array.isArray(value) ? value : [value])
      if (nodes.every(({ Host }) => Host === 'Nonexistent')) return 'absent'
      return nodes.every(({ Host }) => Host === 'Running') ? 'running' : 'stopped'
    } catch {
      // Another line of the program, such as a message in its own JSON.
    }
  }
  return undefined
}

/** Reads `minikube docker-env --shell none`: a line `NAME=value` for each variable. */
export function parseEngineEnv(output: string): Readonly<Record<string, string>> {
  const pairs = output.split('\n').flatMap(line => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*?)\r?$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(pairs)
}

const address = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

// Profiles made before there was a choice have no name there, and are Docker's.
function runtimeOf(name: string): MinikubeProfile['runtime'] {
  if (name === '' || name === 'docker') return 'docker'
  return name === 'containerd' ? 'containerd' : 'crio'
}
