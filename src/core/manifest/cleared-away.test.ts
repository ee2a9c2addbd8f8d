import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { goesWhenDone, isClearedAway } from './cleared-away.js'

const made = (kind: string, policy?: string, spec: object = {}): KubeObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
  kind,
  metadata: {
    name: 'x',
    annotations:
      policy === undefined ? {} : { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-delete-policy': policy },
  },
  spec,
})

describe('what is not there any more once it did its work', () => {
  it.each<[what: string, object: KubeObject, goes: boolean, isCleared: boolean]>([
    ['a Job', made('Job'), false, false],
    ['a Job with a time to live', made('Job', undefined, { ttlSecondsAfterFinished: 0 }), false, true],
    ['a hook', made('Job', 'before-hook-creation'), false, false],
    ['a hook that goes', made('Job', 'before-hook-creation, hook-succeeded'), true, true],
    ['a Pod', made('Pod', 'hook-succeeded'), true, true],
    ['a hook that has no end', made('ConfigMap', 'hook-succeeded'), false, false],
    ['one that goes where it failed', made('Job', 'hook-failed'), false, false],
  ])('%s', (_what, object, goes, isCleared) => {
    expect([goesWhenDone(object), isClearedAway(object)]).toEqual([goes, isCleared])
  })
})
