import { connect, createServer, type Server, type Socket } from 'node:net'
import type { KubeObject } from '../../core/kube-object.js'
import { stringOf, valueAt } from '../../core/manifest/fields.js'
import type { LocalService } from '../../core/process/local-service.js'
import { servicePorts } from '../../core/routes/service-port.js'
import type { LocalAddress } from './free-port.js'
import type { ObjectStore } from './object-store.js'

/** One port of this machine for each port of each Service, the same for as long as the Service is there: each connection goes to a pod that is ready. */
export interface ServicePorts {
  /** Once every Service that is there has its ports. */
  addresses(): Promise<readonly LocalService[]>
  close(): Promise<void>
}

interface OpenPort {
  readonly server: Server
  readonly sockets: Set<Socket>
  readonly local: number
}

export function createServicePorts(options: {
  readonly store: ObjectStore
  readonly freePort: () => Promise<number>
  /** Where the ready pods of a Service take the connections of one of its ports. */
  readonly backends: (service: KubeObject, port: number) => readonly LocalAddress[]
}): ServicePorts {
  const { store, freePort, backends } = options
  /** By the Service's UID and the port's number. */
  const open = new Map<string, Promise<OpenPort | undefined>>()
  let isClosed = false

  const keyOf = ({ metadata }: KubeObject, port: number): string => `${metadata.uid ?? ''} ${port}`
  const services = (): readonly KubeObject[] =>
    store
      .list({ apiVersion: 'v1', kind: 'Service' })
      .filter(service => stringOf(valueAt(service, ['spec', 'type'])) !== 'ExternalName')

  const listen = async (service: KubeObject, port: number): Promise<OpenPort | undefined> => {
    const { namespace, name } = service.metadata
    const ref = { apiVersion: 'v1', kind: 'Service', name, ...(namespace === undefined ? {} : { namespace }) }
    const sockets = new Set<Socket>()
    let turn = 0
    const server = createServer({ allowHalfOpen: true }, socket => {
      const present = store.get(ref)
      const all = present === undefined ? [] : backends(present, port)
      const target = all[turn++ % Math.max(1, all.length)]
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      // Without a pod that is ready nobody takes it, as in a cluster.
      if (target === undefined) socket.resetAndDestroy()
      else join(socket, connect({ ...target, allowHalfOpen: true }))
    })
    const local = await freePort()
    return new Promise(resolve => {
      server.once('error', () => resolve(undefined))
      server.listen({ host: '127.0.0.1', port: local }, () => {
        const opened = { server, sockets, local }
        if (isClosed) void closePort(opened).then(() => resolve(undefined))
        else resolve(opened)
      })
    })
  }

  const refresh = (): void => {
    if (isClosed) return
    const wanted = new Map(
      services().flatMap(service =>
        servicePorts(service).map(({ port }) => [keyOf(service, port), { service, port }] as const),
      ),
    )
    for (const [key, opening] of open) {
      if (wanted.has(key)) continue
      open.delete(key)
      void opening.then(closePort)
    }
    for (const [key, { service, port }] of wanted) if (!open.has(key)) open.set(key, listen(service, port))
  }

  const off = store.subscribe(({ object }) => {
    if (object.kind === 'Service' && object.apiVersion === 'v1') refresh()
  })

  return {
    addresses: async () => {
      const found = services().map(async (service): Promise<LocalService> => {
        const { namespace = 'default', name } = service.metadata
        const ports = servicePorts(service).map(async ({ name: portName, port }) => {
          const opened = await open.get(keyOf(service, port))
          return opened === undefined ? [] : [{ name: portName, port, local: opened.local }]
        })
        const headless = stringOf(valueAt(service, ['spec', 'clusterIP'])) === 'None'
        return { namespace, name, headless, ports: (await Promise.all(ports)).flat() }
      })
      return Promise.all(found)
    },
    close: async () => {
      isClosed = true
      off()
      await Promise.all([...open.values()].map(async opening => closePort(await opening)))
      open.clear()
    },
  }
}

/** Each side's end is the other's end; what breaks one breaks the other. */
function join(left: Socket, right: Socket): void {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.pipe(to)
    from.once('error', () => to.resetAndDestroy())
    from.once('close', () => to.destroy())
  }
}

async function closePort(opened: OpenPort | undefined): Promise<void> {
  if (opened === undefined) return
  const closed = new Promise<void>(resolve => opened.server.close(() => resolve()))
  for (const socket of opened.sockets) socket.destroy()
  await closed
}
