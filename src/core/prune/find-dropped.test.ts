import { describe, expect, it } from 'vitest'
import { linkedObject } from '../../testing/states.js'
import { type KubeObject, type ObjectRef, refKey } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import type { JournalEntry } from '../ownership/journal-entry.js'
import { emptyJournal, reduceJournal } from '../ownership/journal-state.js'
import { findDropped } from './find-dropped.js'

const ref = (kind: string, name: string, apiVersion = 'v1'): ObjectRef => ({
  apiVersion,
  kind,
  name,
  ...(['Namespace', 'CustomResourceDefinition'].includes(kind) ? {} : { namespace: 'shop' }),
})
const created = (of: ObjectRef, uid = `uid ${of.name}`): readonly JournalEntry[] => [
  { type: 'intent', key: refKey(of), ref: of, token: 't' },
  { type: 'created', key: refKey(of), uid },
]
const adopted = (of: ObjectRef, uid = `uid ${of.name}`): readonly JournalEntry[] => [
  {
    type: 'adopted',
    key: refKey(of),
    ref: of,
    uid,
    token: 't',
    snapshot: { apiVersion: of.apiVersion, kind: of.kind, metadata: { name: of.name } },
    revisions: [],
  },
]
const claim = (name: string): readonly JournalEntry[] => {
  const of = ref('PersistentVolumeClaim', name)
  return [{ type: 'kept-volume', key: refKey(of), ref: of, uid: `uid ${name}` }]
}
const db: LinkedObject = {
  ...linkedObject('StatefulSet', 'db', { apiVersion: 'apps/v1' }),
  object: {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'shop' },
    spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
  } as KubeObject,
}
const a = linkedObject('ConfigMap', 'a')

describe('what the manifests no longer have', () => {
  it.each<
    [
      what: string,
      journal: readonly JournalEntry[],
      manifests: { objects: readonly LinkedObject[]; unselected?: readonly LinkedObject[] },
      dropped: readonly string[],
    ]
  >([
    ['nothing of what they have', created(ref('ConfigMap', 'a')), { objects: [a] }, []],
    ['what we made', created(ref('ConfigMap', 'b')), { objects: [a] }, ['b created']],
    ['what was there before', adopted(ref('ConfigMap', 'b')), { objects: [a] }, ['b adopted']],
    [
      'not what a session of some services leaves alone',
      created(ref('ConfigMap', 'a')),
      { objects: [], unselected: [a] },
      [],
    ],
    [
      'not an intent, whose end nobody knows',
      [{ type: 'intent', key: 'k', ref: ref('ConfigMap', 'b'), token: 't' }],
      { objects: [a] },
      [],
    ],
    [
      'not what they have in another version',
      created(ref('Deployment', 'web', 'apps/v1beta1')),
      { objects: [linkedObject('Deployment', 'web')] },
      [],
    ],
    [
      'not what they have under another group: it is the same object',
      [
        ...created(ref('Ingress', 'web', 'extensions/v1beta1'), 'one'),
        ...adopted(ref('Ingress', 'web', 'networking.k8s.io/v1'), 'one'),
      ],
      { objects: [linkedObject('Ingress', 'web', { apiVersion: 'networking.k8s.io/v1' })] },
      [],
    ],
    ['not a claim that a StatefulSet of theirs takes up', claim('data-db-0'), { objects: [db] }, []],
    [
      'a claim of a StatefulSet that is gone',
      claim('data-db-0'),
      { objects: [a] },
      ['data-db-0 created guarded'],
    ],
    [
      'what may hold what is not ours, guarded',
      [
        ...created(ref('Namespace', 'n')),
        ...created(ref('PersistentVolumeClaim', 'p')),
        ...created(ref('CustomResourceDefinition', 'c', 'apiextensions.k8s.io/v1')),
      ],
      { objects: [a] },
      ['n created guarded', 'p created guarded', 'c created guarded'],
    ],
    [
      'a namespace of somebody else, which stays in any case',
      adopted(ref('Namespace', 'n')),
      { objects: [a] },
      ['n adopted'],
    ],
  ])('%s', (_what, journal, manifests, dropped) => {
    const found = findDropped(reduceJournal(journal, emptyJournal), manifests)
    expect(
      found.map(({ ref: { name }, origin, isGuarded }) => `${name} ${origin}${isGuarded ? ' guarded' : ''}`),
    ).toEqual(dropped)
  })
})
