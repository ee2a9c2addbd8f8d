import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../core/kube-object.js'
import { refOf } from '../core/kube-object.js'
import type { ObservedPod } from '../core/rollout-observation.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import { REFUSED } from '../ports/pod-forward.js'
import type { LogEvent } from '../ports/pod-logs.js'

/** The programs of the suite: what a container's fields are so that it runs them. */
export interface ContractPrograms {
  /** Prints the lines `first` and `second`, then answers HTTP requests at port 3456 with `here`. */
  readonly server: Readonly<Record<string, unknown>>
  /** Prints the line `last words` and ends with 3. */
  readonly crashing: Readonly<Record<string, unknown>>
}

/** Ways into a cluster, and a namespace in it that is there and that the suite has for itself. */
export interface ContractAccess {
  readonly access: ClusterAccess
  readonly namespace: string
  readonly programs: ContractPrograms
  close(): Promise<void>
}

const PORT = 3456
/** For an image's start on a busy cluster, in milliseconds; nothing waits that long where all is well. */
const eventually = { timeout: 60_000, interval: 20 }

/** What every way into a cluster does with pods: sees them, reads their logs, reaches their ports. */
export function accessContract(name: string, open: () => Promise<ContractAccess>): void {
  describe(`access: ${name}`, () => {
    let opened: ContractAccess
    const pods = new Map<string, ObservedPod>()
    const watching = new AbortController()
    beforeAll(async () => {
      opened = await open()
      opened.access.observer.observe(
        opened.namespace,
        seen => {
          if (seen.type === 'pod') pods.set(seen.pod.uid, seen.pod)
          if (seen.type === 'pod-gone') pods.delete(seen.uid)
        },
        watching.signal,
      )
    })
    afterAll(async () => {
      watching.abort()
      await opened.close()
    })

    const deployment = (app: string, container: Readonly<Record<string, unknown>>): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: app, namespace: opened.namespace },
      spec: {
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'main',
                imagePullPolicy: 'IfNotPresent',
                ports: [{ containerPort: PORT }],
                readinessProbe: { httpGet: { path: '/', port: PORT }, periodSeconds: 1 },
                ...container,
              },
            ],
          },
        },
      },
    })
    const bringUp = async (app: string, program: keyof ContractPrograms): Promise<KubeObject> => {
      const object = deployment(app, opened.programs[program])
      const applied = await opened.access.cluster.apply(object, { fieldManager: 'contract', force: false })
      if (!applied.ok) throw new Error(JSON.stringify(applied.error))
      return applied.value.object
    }
    const podOf = (app: string): ObservedPod | undefined =>
      [...pods.values()].find(pod => pod.name.startsWith(`${app}-`))
    const ready = async (app: string): Promise<ObservedPod> =>
      vi.waitFor(() => {
        const pod = podOf(app)
        expect(pod?.ready).toBe(true)
        return pod as ObservedPod
      }, eventually)
    const source = (pod: ObservedPod) => ({
      namespace: opened.namespace,
      pod: pod.name,
      podUid: pod.uid,
      container: 'main',
      restarts: pod.containers[0]?.restarts ?? 0,
      containerId: pod.containers[0]?.containerId ?? '',
    })
    const ask = async (pod: string, port: number): Promise<string> => {
      const stream = await opened.access.forward.open({ namespace: opened.namespace, pod, port })
      if (!stream.ok) {
        const { error } = stream
        const isRefused = error.kind === 'forward-refused' && /connection refused/i.test(error.message)
        throw Object.assign(new Error(error.kind), isRefused ? { code: REFUSED } : {})
      }
      stream.value.write('GET / HTTP/1.0\r\n\r\n')
      let text = ''
      for await (const chunk of stream.value) text += String(chunk)
      return text.split('\r\n\r\n')[1] ?? ''
    }

    it('sees a pod become ready, reaches its port, and sees that it is gone', async () => {
      const made = await bringUp('server', 'server')
      const pod = await ready('server')
      expect(pod.containers).toMatchObject([
        { name: 'main', ready: true, restarts: 0, state: { kind: 'running' } },
      ])
      expect((await ask(pod.name, PORT)).trim()).toBe('here')
      const gone = await opened.access.cluster.delete(refOf(made), {
        uid: made.metadata.uid ?? '',
        propagation: 'Foreground',
        wait: true,
      })
      expect(gone.ok).toBe(true)
      await vi.waitFor(() => expect(podOf('server')).toBeUndefined(), eventually)
    })

    it('lists what a namespace has of a kind, and tells it again with each change', async () => {
      const { access, namespace } = opened
      const object: KubeObject = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'tracked', namespace },
        spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
      }
      const told: (readonly string[])[] = []
      const stop = new AbortController()
      access.observer.track(
        { apiVersion: object.apiVersion, kind: object.kind, plural: 'ingresses' },
        namespace,
        objects => told.push(objects.map(({ metadata }) => metadata.name)),
        stop.signal,
      )
      const until = (names: readonly string[]) =>
        vi.waitFor(() => expect(told.at(-1)).toEqual(names), eventually)
      try {
        await until([])
        const made = await access.cluster.apply(object, { fieldManager: 'contract', force: true })
        await until(['tracked'])
        const uid = made.ok ? (made.value.object.metadata.uid ?? '') : ''
        await access.cluster.delete(refOf(object), { uid, propagation: 'Background', wait: true })
        await until([])
      } finally {
        stop.abort()
      }
    })

    it('reads a log from its first line, and on from a line that was shown', async () => {
      await bringUp('logging', 'server')
      const pod = await ready('logging')
      const read = async (since?: string): Promise<(LogEvent & { type: 'line' })[]> => {
        const lines: (LogEvent & { type: 'line' })[] = []
        await opened.access.logs.follow(
          source(pod),
          event => {
            if (event.type === 'line' && !event.text.startsWith('devloop: ')) lines.push(event)
          },
          {
            signal: new AbortController().signal,
            snapshot: true,
            ...(since === undefined ? {} : { since }),
          },
        )
        return lines
      }
      const all = await read()
      expect(all.slice(0, 2).map(({ text }) => text)).toEqual(['first', 'second'])
      const after = await read(all[0]?.time)
      expect(after.map(({ text }) => text)).toEqual(all.slice(1).map(({ text }) => text))
    })

    it('says of a port where nothing listens that the connection was refused', async () => {
      await bringUp('closed', 'server')
      const pod = await ready('closed')
      await expect(ask(pod.name, PORT + 1)).rejects.toMatchObject({ code: REFUSED })
    })

    it('sees a program that ends started again, with its code, and has its last lines', async () => {
      await bringUp('crashing', 'crashing')
      const pod = await vi.waitFor(() => {
        const seen = podOf('crashing')
        expect(seen?.containers[0]?.lastTermination).toMatchObject({ exitCode: 3 })
        return seen as ObservedPod
      }, eventually)
      const lines = await vi.waitFor(async () => {
        const found = await opened.access.logs.tail(source(pod), { lines: 5, previous: true })
        expect(found).not.toEqual([])
        return found
      }, eventually)
      expect(lines.at(-1)).toBe('last words')
    })
  })
}
