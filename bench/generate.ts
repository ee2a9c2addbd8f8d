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
}

export interface GeneratedService {
  readonly name: string
  readonly image: string
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
  /** What a service answers after the save of this number; 0 is the state as generated. */
  version(save: number): string
  /** Content of a version file. */
  versionSource(save: number): string
}

export const BASE_IMAGE = 'node:20-bookworm-slim'
/** Period of the readiness probe in seconds: the least that Kubernetes has. */
export const PROBE_PERIOD = 1

const DOCKERFILE = `FROM ${BASE_IMAGE}
WORKDIR /app
COPY payload payload
COPY server.mjs ./
COPY src src
CMD ["node", "server.mjs"]
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
  const { folder, services: count, firstNodePort, imagePrefix, namespace, seed, tool } = options
  const services = Array.from({ length: count }, (_, index): GeneratedService => {
    const name = `svc${index}`
    return {
      name,
      image: `${imagePrefix}/${name}`,
      port: firstNodePort + index,
      versionFile: join(folder, 'services', name, 'src/version.mjs'),
    }
  })
  const version = (save: number) => `${seed}.${save}`
  const versionSource = (save: number) => `export const version = '${version(save)}'\n`
  const context = `kind-${options.cluster}`
  const config = toolConfig({ tool, services, namespace, context, cluster: options.cluster })
  for (const service of services) {
    const root = join(folder, 'services', service.name)
    await write(join(root, 'Dockerfile'), DOCKERFILE)
    await write(join(root, 'server.mjs'), SERVER)
    await write(join(root, 'payload/data.bin'), randomLike(`${seed} ${service.name}`, options.payloadBytes))
    await write(service.versionFile, versionSource(0))
    await write(join(folder, 'k8s', `${service.name}.yaml`), manifest(service, namespace))
  }
  const configFile = join(folder, config.file)
  await write(configFile, config.text)
  return { folder, namespace, context, configFile, services, version, versionSource }
}

function manifest({ name, image, port }: GeneratedService, namespace: string): string {
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
  type: NodePort
  selector: { app: ${name} }
  ports: [{ port: 3000, nodePort: ${port} }]
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
