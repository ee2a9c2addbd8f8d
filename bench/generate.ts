import { createCipheriv, createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toolConfig } from './tool-config.js'
import type { ToolName } from './tools.js'

/** What to generate. */
export interface ProjectOptions {
  /** Where the project is written; made if absent. */
  readonly folder: string
  readonly tool: ToolName
  /** How many services. */
  readonly services: number
  /** Random bytes in each service's image, beside the base image. */
  readonly payloadBytes: number
  /** The NodePort of the first service; the others follow it. */
  readonly firstNodePort: number
  readonly namespace: string
  /** The images are named `PREFIX/svc0` and so on. */
  readonly imagePrefix: string
  /** Decides the payload and the versions: another seed shares no layer and no version with this one. */
  readonly seed: string
  /** The kind cluster. */
  readonly cluster: string
  readonly base: 'node' | 'small'
  /** Small files in each build context. */
  readonly files: number
  readonly gatewayPort: number
  readonly gatewayOnly: boolean
  readonly sync: boolean
}

export interface GeneratedService {
  readonly name: string
  readonly image: string
  /** The NodePort. */
  readonly port: number
  /** The file that a save changes. */
  readonly versionFile: string
}

/** A generated project on disk. */
export interface GeneratedProject {
  readonly folder: string
  readonly namespace: string
  readonly context: string
  /** The tool's own config, an absolute path. */
  readonly configFile: string
  readonly services: readonly GeneratedService[]
  /** The port of devloop's gateway; undefined for other tools. */
  readonly gatewayPort: number | undefined
  readonly gatewayOnly: boolean
  /** What a service answers after the save of this number; 0 is the state as generated. */
  version(save: number): string
  /** Content of a version file. */
  versionSource(save: number): string
}

/** The images by what services may build upon. */
export const BASES = { node: 'node:20-bookworm-slim', small: 'busybox:1.35' } as const
export const BASE_IMAGE = BASES.node
/** Period of the readiness probe in seconds: the least that Kubernetes has. */
export const PROBE_PERIOD = 1

const DOCKERFILE = `FROM ${BASE_IMAGE}
WORKDIR /app
COPY payload payload
COPY server.mjs ./
COPY src src
CMD ["node", "server.mjs"]
`

/** busybox answers with the file itself. */
const SMALL_DOCKERFILE = `FROM ${BASES.small}
WORKDIR /app
COPY payload payload
COPY src src
CMD ["httpd", "-f", "-p", "3000", "-h", "/app/src"]
`

const SERVER = `import { createServer } from 'node:http'
import { version } from './src/version.mjs'

const server = createServer((_request, response) => response.end(version))
server.listen(3000)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
`

/** Writes a monorepo of services, each an HTTP server that answers its version, with the config of one tool. */
export async function generateProject(options: ProjectOptions): Promise<GeneratedProject> {
  const { base, folder, services: count, firstNodePort, imagePrefix, namespace, seed, tool } = options
  const services = Array.from({ length: count }, (_, index): GeneratedService => {
    const name = `svc${index}`
    return {
      name,
      image: `${imagePrefix}/${name}`,
      port: firstNodePort + index,
      versionFile: join(folder, 'services', name, base === 'node' ? 'src/version.mjs' : 'src/index.html'),
    }
  })
  const version = (save: number) => `${seed}.${save}`
  const versionSource = (save: number) =>
    base === 'node' ? `export const version = '${version(save)}'\n` : version(save)
  const context = `kind-${options.cluster}`
  const { cluster, gatewayPort } = options
  const sync = options.sync ? (base === 'node' ? 'restart' : 'nothing') : undefined
  const config = toolConfig({ tool, services, namespace, context, cluster, gatewayPort, sync })
  for (const service of services) {
    const root = join(folder, 'services', service.name)
    await write(join(root, 'Dockerfile'), base === 'node' ? DOCKERFILE : SMALL_DOCKERFILE)
    if (base === 'node') await write(join(root, 'server.mjs'), SERVER)
    for (let at = 0; at < options.files; at++)
      await write(join(root, 'payload', `d${Math.floor(at / 500)}`, `f${at}.txt`), `${seed} ${at}\n`)
    await write(join(root, 'payload/data.bin'), randomLike(`${seed} ${service.name}`, options.payloadBytes))
    await write(service.versionFile, versionSource(0))
    await write(
      join(folder, 'k8s', `${service.name}.yaml`),
      manifest(service, namespace, options.gatewayOnly),
    )
  }
  const configFile = join(folder, config.file)
  await write(configFile, config.text)
  return {
    folder,
    namespace,
    context,
    configFile,
    services,
    gatewayPort: tool === 'devloop' ? gatewayPort : undefined,
    gatewayOnly: options.gatewayOnly,
    version,
    versionSource,
  }
}

function manifest({ name, image, port }: GeneratedService, namespace: string, gatewayOnly: boolean): string {
  const ports = gatewayOnly ? '{ port: 3000 }' : `{ port: 3000, nodePort: ${port} }`
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: app
          image: ${image}
          imagePullPolicy: IfNotPresent
          ports: [{ containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /, port: 3000 }, periodSeconds: ${PROBE_PERIOD} }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  type: ${gatewayOnly ? 'ClusterIP' : 'NodePort'}
  selector: { app: ${name} }
  ports: [${ports}]
`
}

/** Bytes that do not compress, the same for the same seed: the key stream of a cipher. */
function randomLike(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

async function write(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
