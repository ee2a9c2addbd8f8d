import { expect, it } from 'vitest'
import type { KubeObject } from '../core/kube-object.js'
import type { ApplyRejected } from '../core/problem.js'
import type { FieldLocator } from '../ports/field-locator.js'
import { createFakeCluster } from '../testing/fake-cluster.js'
import { createFakeJournal } from '../testing/fake-journal.js'
import { applyObject } from './apply-object.js'

const brief: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'shop' },
  spec: { ttlSecondsAfterFinished: 60 },
}

it('runs a Job that cleared itself away once more where that is asked for, and not by itself', async () => {
  const cluster = createFakeCluster()
  const tools = { cluster, journal: createFakeJournal() }
  const { signal } = new AbortController()
  await applyObject(tools, { object: brief, signal })
  cluster.objects.clear()
  expect(await applyObject(tools, { object: brief, signal })).toMatchObject({
    ok: true,
    value: { outcome: 'unchanged', live: undefined },
  })
  expect(await applyObject(tools, { object: brief, signal, again: true })).toMatchObject({
    ok: true,
    value: { outcome: 'created' },
  })
})

const file = 'k8s/web.yaml'
const at = (line: number) => ({ file, line, column: 1, endLine: line, endColumn: 2 })
const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 'two', template: { spec: { containers: [{ name: 'web' }] } } },
}
const TYPED = 'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): '

it.each<[what: string, refusal: Pick<ApplyRejected, 'message' | 'fields'>, line: number]>([
  [
    'of the wrong type',
    { message: `${TYPED}.spec.replicas: expected numeric (int or float), got string`, fields: [] },
    3,
  ],
  [
    'of the wrong type, among several',
    {
      message: `${TYPED}errors:\n  .spec.replicas: expected numeric, got string\n  .a: expected x`,
      fields: [],
    },
    3,
  ],
  [
    'that its kind wants, at what is there of it',
    { message: 'Required value', fields: ['spec.template.spec.containers[0].image'] },
    7,
  ],
  ['that nobody wrote', { message: 'no', fields: ['status.phase'] }, 1],
  ['that it does not name', { message: 'Deployment.apps "web" is invalid: expected more', fields: [] }, 1],
])('shows the line of a field %s', async (_, refusal, line) => {
  const cluster = createFakeCluster()
  cluster.refuse = () => ({
    kind: 'apply-rejected',
    object: 'deployment/web',
    reason: 'invalid',
    source: at(1),
    ...refusal,
  })
  const lines = new Map([
    ['spec', 2],
    ['spec/replicas', 3],
    ['spec/template/spec/containers/0', 7],
  ])
  const locateField: FieldLocator = async (_, path) => {
    const found = lines.get(
      path.map(step => ('field' in step ? step.field : 'index' in step ? step.index : '?')).join('/'),
    )
    return found === undefined ? undefined : at(found)
  }
  const tools = { cluster, journal: createFakeJournal(), locateField }
  const { signal } = new AbortController()
  expect(await applyObject(tools, { object: web, source: at(1), signal })).toMatchObject({
    ok: false,
    error: { source: at(line) },
  })
})
