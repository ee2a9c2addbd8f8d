import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { type DiagnoseInput, diagnose, type PodEnd } from './diagnose.js'
import { mergePatches } from './merge-patches.js'
import type { RequestSample } from './request-sample.js'
import { streamReport } from './stream-report.js'

const probe = { httpGet: { path: '/', port: 3000 } }
const preStop = { preStop: { sleep: { seconds: 5 } } }

function workload(spec: object, container: object = {}, kind = 'Deployment'): KubeObject {
  const containers = [{ name: 'web', ...container }]
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { ...spec, template: { spec: { containers } } },
  }
}

function found(object: KubeObject, { refused = false, ends = [] as readonly PodEnd[] } = {}) {
  const samples: RequestSample[] = refused
    ? [{ startedAt: 0, endedAt: 1, result: { kind: 'failed', cause: 'refused', words: 'ECONNREFUSED' } }]
    : []
  const input: DiagnoseInput = {
    workload: object,
    container: 'web',
    port: 3000,
    path: '/health?deep=1',
    stream: streamReport(samples),
    ends,
  }
  return diagnose(input)
}

const good = { readinessProbe: probe, lifecycle: preStop }

test.each<[string, KubeObject, readonly string[]]>([
  ['nothing', workload({}, good), []],
  ['Recreate', workload({ strategy: { type: 'Recreate' } }, good), ['strategy']],
  ['no probe', workload({}, { lifecycle: preStop }), ['readiness-probe', 'min-ready-seconds']],
  ['no probe, but a wait', workload({ minReadySeconds: 5 }, { lifecycle: preStop }), ['readiness-probe']],
  ['no preStop', workload({}, { readinessProbe: probe }), ['pre-stop']],
  [
    'half of two may go',
    workload({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: '50%' } } }, good),
    [],
  ],
  [
    'all of two may go',
    workload({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 2 } } }, good),
    ['max-unavailable'],
  ],
  [
    'no surge with one',
    workload({ strategy: { rollingUpdate: { maxUnavailable: '25%', maxSurge: 0 } } }, good),
    ['max-unavailable'],
  ],
  ['one of a set', workload({}, good, 'StatefulSet'), ['replicas']],
  ['two of a set', workload({ replicas: 2 }, good, 'StatefulSet'), []],
  ['a DaemonSet', workload({}, good, 'DaemonSet'), ['max-unavailable']],
  [
    'a DaemonSet with surge',
    workload({ updateStrategy: { rollingUpdate: { maxSurge: 1 } } }, good, 'DaemonSet'),
    [],
  ],
])('%s', (_, object, missing) => {
  expect(found(object).map(finding => finding.missing)).toEqual(missing)
})

test('refused requests in spite of a probe ask for a wait after it', () => {
  expect(found(workload({}, good), { refused: true }).map(({ missing }) => missing)).toEqual([
    'min-ready-seconds',
  ])
})

test.each<[PodEnd, string | undefined]>([
  [{ exitCode: 0, took: 100 }, undefined],
  [{ exitCode: 137, took: 30_400 }, 'killed after 30 s'],
  [{ exitCode: 143, took: 100 }, 'ended at once'],
])('an end with %o', (end, words) => {
  const [finding] = found(workload({}, good), { ends: [end] })
  if (words === undefined) expect(finding).toBeUndefined()
  else expect(finding).toMatchObject({ missing: 'sigterm', message: expect.stringContaining(words) })
})

test('the patches come together as one of the container', () => {
  const findings = found(workload({ strategy: { type: 'Recreate' } }))
  expect(mergePatches(findings.flatMap(({ patch }) => (patch === undefined ? [] : [patch])))).toEqual({
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      minReadySeconds: 5,
      template: {
        spec: {
          containers: [
            {
              name: 'web',
              readinessProbe: { httpGet: { path: '/health', port: 3000 }, periodSeconds: 1 },
              lifecycle: preStop,
            },
          ],
        },
      },
    },
  })
})
