import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { providedStorageClasses, storageClaimsOf, withStorageClasses } from './storage-classes.js'

const source = { file: '/a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 }
const claim = (spec: object, annotations?: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', ...(annotations === undefined ? {} : { annotations }) },
  spec,
})
const set: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    volumeClaimTemplates: [
      { metadata: { name: 'data' }, spec: { storageClassName: 'nfs' } },
      { metadata: { name: 'logs' }, spec: {} },
    ],
  },
}

describe('the claims that name a class', () => {
  test.each([
    ['a claim', claim({ storageClassName: 'nfs' }), [['nfs', 'data']]],
    [
      'by the annotation of old',
      claim({}, { 'volume.beta.kubernetes.io/storage-class': 'nfs' }),
      [['nfs', 'data']],
    ],
    ['no class by choice', claim({ storageClassName: '' }), []],
    ['the default class', claim({}), []],
    ['a template of a StatefulSet', set, [['nfs', 'data-db-0']]],
  ])('%s', (_, object, expected) => {
    expect(storageClaimsOf(object).map(({ className, claim: name }) => [className, name])).toEqual(expected)
  })
})

test('classes are mapped where they are named, and nothing else is touched', () => {
  const other = claim({ storageClassName: 'ssd' })
  const objects = [claim({ storageClassName: 'nfs' }), set, other].map(object => ({ object, source }))
  const mapped = withStorageClasses(objects, { nfs: 'standard' })
  expect(mapped.flatMap(({ object }) => storageClaimsOf(object).map(({ className }) => className))).toEqual([
    'standard',
    'standard',
    'ssd',
  ])
  expect(mapped[2]).toBe(objects[2])
})

test('the manifests provide the classes that they make, and those of their volumes', () => {
  const made: KubeObject = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
  }
  const volume: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: { storageClassName: 'manual' },
  }
  expect([...providedStorageClasses([made, volume, set])]).toEqual(['fast', 'manual'])
})
