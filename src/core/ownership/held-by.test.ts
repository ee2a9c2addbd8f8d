import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { heldBy, remains, waitingToGo } from './held-by.js'

const made = (kind: string, finalizers?: readonly string[], conditions?: readonly object[]): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', ...(finalizers === undefined ? {} : { finalizers }) },
  ...(conditions === undefined ? {} : { status: { conditions } }),
})
const remaining = (status: string) => ({
  type: 'NamespaceFinalizersRemaining',
  status,
  message: 'Some content in the namespace has finalizers remaining: a/b in 1 resource instances',
})

describe('what keeps an object that is being deleted', () => {
  it.each<[what: string, object: KubeObject, held: readonly string[]]>([
    ['nothing', made('ConfigMap'), []],
    ['a finalizer', made('ConfigMap', ['a/b']), ['finalizer a/b']],
    ['the deletion of what it owns', made('ConfigMap', ['foregroundDeletion', 'orphan']), []],
    ['a namespace with content', made('Namespace', [], [remaining('True')]), [remaining('True').message]],
    ['a namespace that is nearly gone', made('Namespace', [], [remaining('False')]), []],
    ['conditions of others', made('Pod', [], [remaining('True')]), []],
  ])('%s', (_what, object, held) => {
    expect(heldBy(object)).toEqual(held)
  })

  it('is told with the object', () => {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }
    expect(waitingToGo(ref, ['finalizer a/b', 'finalizer c/d'])).toBe(
      'waiting for configmap/x to go: it is being deleted, held by finalizer a/b; finalizer c/d',
    )
    expect(waitingToGo(ref, [])).toBe(
      'waiting for configmap/x to go: it is being deleted, and nothing is left that holds it but the cluster itself',
    )
  })

  it('is also what is left of what goes first', () => {
    const pod = (grace: number): KubeObject => ({
      ...made('Pod'),
      metadata: { name: 'x', deletionGracePeriodSeconds: grace },
    })
    expect(remains([made('ConfigMap'), pod(30), pod(0), made('Secret', ['a/b'])])).toEqual([
      'pod/x, which has 30 s to end',
      'pod/x',
      'secret/x with finalizer a/b',
    ])
    expect(remains([pod(1), pod(1), pod(1), pod(1), pod(1)]).at(-1)).toBe('and 2 more')
  })
})
