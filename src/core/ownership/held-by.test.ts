import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { heldBy, waitingToGo } from './held-by.js'

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
    expect(waitingToGo(made('ConfigMap', ['a/b', 'c/d']))).toBe(
      'waiting for configmap/x to go: it is being deleted, held by finalizer a/b; finalizer c/d',
    )
    expect(waitingToGo(made('ConfigMap'))).toBe('waiting for configmap/x to go: it is being deleted')
  })
})
