import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { historyOf, revisionsOf, rollbackRevision } from './revisions.js'

const template = (image: string) => ({
  template: {
    spec: {
      containers: [
        { name: 'proxy', image: 'envoy' },
        { name: 'web', image },
      ],
    },
  },
})

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'w', controller: true }

function replicaSet(revision: number, image: string, save?: number, uid = 'w'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${revision}`,
      ownerReferences: [{ ...owner, uid }],
      creationTimestamp: `2026-01-01T00:00:0${revision}Z`,
      annotations: {
        'deployment.kubernetes.io/revision': `${revision}`,
        ...(save === undefined ? {} : { 'devloop.dev/save': `${save}` }),
      },
    },
    spec: template(image),
  }
}

const controllerRevision = (revision: number, image: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name: `web-${revision}`, ownerReferences: [owner], annotations: { 'devloop.dev/save': '7' } },
  data: { spec: template(image) },
  revision,
})

const workload = (kind: string, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', uid: 'w', annotations: { 'deployment.kubernetes.io/revision': '3' } },
  ...more,
})

const short = (rows: ReturnType<typeof revisionsOf>) =>
  rows.map(({ revision, save, image, live }) => `${revision} ${save} ${image}${live ? ' live' : ''}`)

describe('revisions', () => {
  it('of a Deployment, newest first, without those of others', () => {
    const kept = [
      replicaSet(1, 'a:1', 0),
      replicaSet(3, 'a:3', 5),
      replicaSet(2, 'a:2'),
      replicaSet(4, 'x', 1, 'another'),
    ]
    expect(short(revisionsOf(workload('Deployment'), kept, ['web']))).toEqual([
      '3 5 a:3 live',
      '2 undefined a:2',
      '1 0 a:1',
    ])
  })

  it.each([
    ['StatefulSet', { status: { updateRevision: 'web-1' } }, ['2 7 a:2', '1 7 a:1 live']],
    ['DaemonSet', {}, ['2 7 a:2 live', '1 7 a:1']],
  ])('of a %s', (kind, more, expected) => {
    const kept = [controllerRevision(1, 'a:1'), controllerRevision(2, 'a:2')]
    expect(short(revisionsOf(workload(kind, more), kept, ['web']))).toEqual(expected)
  })

  it('of another container are none', () => {
    expect(revisionsOf(workload('Deployment'), [replicaSet(1, 'a:1')], ['job'])).toEqual([])
  })
})

describe('where a rollback goes', () => {
  it.each<[what: string, kept: readonly KubeObject[], revision: number | undefined]>([
    ['the one before', [replicaSet(3, 'c'), replicaSet(2, 'b'), replicaSet(1, 'a')], 2],
    [
      'past one of the same image, as a restart makes it',
      [replicaSet(3, 'c'), replicaSet(2, 'c'), replicaSet(1, 'a')],
      1,
    ],
    ['nowhere, with one image only', [replicaSet(3, 'c'), replicaSet(2, 'c')], undefined],
    ['nowhere, where what runs is not known', [replicaSet(2, 'b'), replicaSet(1, 'a')], undefined],
  ])('%s', (_what, kept, revision) => {
    expect(rollbackRevision(revisionsOf(workload('Deployment'), kept, ['web']))?.revision).toBe(revision)
  })

  it('is what the session says, where one runs, and so is the number of a save', () => {
    const kept = [replicaSet(3, 'c', 9), replicaSet(2, 'b', 9), replicaSet(1, 'a', 0)]
    const revisions = revisionsOf(workload('Deployment'), kept, ['web'])
    const images = [
      { save: 0, image: 'a' },
      { save: 4, image: 'c' },
    ]
    expect(historyOf(revisions, { images, running: 'c', rollback: 'a' })).toMatchObject([
      { save: 4, rollback: false },
      { save: 9, rollback: false },
      { save: 0, rollback: true },
    ])
  })
})
