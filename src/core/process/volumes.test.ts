import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { planVolumes, type VolumePlan } from './volumes.js'

const config: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web' },
  data: { 'a.conf': 'up nats:4222', 'b.conf': 'b' },
  binaryData: { bin: 'AAE=' },
}
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key' },
  data: { pem: 'eA==' },
}

function plan(volume: Record<string, unknown>, mount: Record<string, unknown> = {}) {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop', labels: { app: 'web' } },
    spec: { volumes: [{ name: 'v', ...volume }] },
  }
  return planVolumes({
    pod,
    container: { volumeMounts: [{ name: 'v', mountPath: '/m', ...mount }] },
    objects: (kind, name) => [config, secret].find(one => one.kind === kind && one.metadata.name === name),
    services: [
      {
        namespace: 'shop',
        name: 'nats',
        headless: false,
        ports: [{ name: undefined, port: 4222, local: 9 }],
      },
    ],
  })
}

/** With the files as text. */
const told = (plans: readonly VolumePlan[]) =>
  plans.map(one =>
    one.kind === 'files'
      ? one.files.map(
          ({ path, content, mode }) =>
            `${path} ${mode.toString(8)} ${Buffer.from(content).toString('latin1')}`,
        )
      : one,
  )

describe('what stands for a mount', () => {
  it.each<[volume: Record<string, unknown>, mount: Record<string, unknown>, expected: unknown]>([
    [{ configMap: { name: 'web' } }, {}, ['a.conf 644 up 127.0.0.1:9', 'b.conf 644 b', 'bin 644 \0\u0001']],
    [{ configMap: { name: 'web', items: [{ key: 'b.conf', path: 'c/d', mode: 0o600 }] } }, {}, ['c/d 600 b']],
    [{ configMap: { name: 'web' } }, { subPath: 'b.conf' }, [' 644 b']],
    [{ configMap: { name: 'none', optional: true } }, {}, []],
    [{ secret: { secretName: 'key', defaultMode: 0o400 } }, {}, ['pem 400 x']],
    [
      {
        projected: {
          sources: [
            { secret: { name: 'key' } },
            { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          ],
        },
      },
      {},
      ['pem 644 x', 'l 644 app="web"'],
    ],
    [
      { emptyDir: {} },
      { subPath: 's' },
      { kind: 'folder', mountPath: '/m', name: 'v', lasting: false, subPath: 's' },
    ],
    [
      { persistentVolumeClaim: { claimName: 'data' } },
      { mountPath: '/m/' },
      { kind: 'folder', mountPath: '/m', name: 'data', lasting: true, subPath: '' },
    ],
    [{ hostPath: { path: '/srv/' } }, { subPath: 'x' }, { kind: 'host', mountPath: '/m', path: '/srv/x' }],
  ])('%j %j', (volume, mount, expected) => {
    const result = plan(volume, mount)
    expect(result.ok && told(result.value)).toEqual([expected])
  })

  it.each<[volume: Record<string, unknown>, message: string]>([
    [{ configMap: { name: 'none' } }, 'configmap "none" not found'],
    [
      { configMap: { name: 'web', items: [{ key: 'x', path: 'x' }] } },
      'references non-existent configmap key: x',
    ],
    [{ csi: { driver: 'x' } }, 'volume "v" (csi) needs a cluster'],
  ])('%j: %s', (volume, message) => expect(plan(volume)).toMatchObject({ ok: false, error: { message } }))
})
