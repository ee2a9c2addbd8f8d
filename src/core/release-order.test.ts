import { expect, test } from 'vitest'
import { workload } from '../testing/rollout-fixtures.js'
import {
  applied,
  connected,
  type Given,
  linkedObject,
  projectOf,
  rendered,
  session,
} from '../testing/states.js'
import type { Event } from './event.js'
import type { LinkedObject } from './manifest/link.js'
import { plan } from './plan.js'

const release = '/db'
const job = (name: string, phase: 'pre' | 'post', weight: number, hash = '1'): LinkedObject => ({
  ...linkedObject('Job', name, { apiVersion: 'batch/v1', hash }),
  release,
  hook: { phase, weight },
})
const part = (kind: string, name: string, apiVersion?: string): LinkedObject => ({
  ...linkedObject(kind, name, apiVersion === undefined ? {} : { apiVersion }),
  release,
})
const key = (object: LinkedObject): string => object.key

const applies = (it: Given): readonly string[] =>
  plan(it.state).start.flatMap(effect =>
    effect.type === 'apply' ? [effect.key.split('/').at(-1) ?? ''] : [],
  )

function deploying(...objects: readonly LinkedObject[]): Given {
  let it = session(projectOf([])).start()
  it = it.do(connected(it.state), rendered(it.state, ...objects)).start()
  // What the cluster serves is known now: the manifests are linked again.
  return it.state.render.run === undefined ? it : it.do(rendered(it.state, ...objects))
}

/** The Job ran to its end, or to its failure. */
const ended = (object: LinkedObject, how: 'Complete' | 'Failed'): Event => ({
  type: 'observed',
  observations: [
    {
      type: 'workload',
      workload: workload('Job', {
        key: object.key,
        uid: `uid ${object.key}`,
        namespace: 'shop',
        name: object.ref.name,
        conditions: [{ type: how, status: 'True' }],
      }),
    },
  ],
})
const doneWith = (it: Given, ...objects: readonly LinkedObject[]): Given =>
  objects.reduce((next, object) => next.do(applied(next.state, object.key)), it.start())

test('hooks run one after the other by their weight, the rest of the release waits, and nobody else does', () => {
  const [first, second, after] = [job('first', 'pre', -1), job('second', 'pre', 0), job('after', 'post', 0)]
  const [settings, web] = [part('ConfigMap', 'settings'), part('Deployment', 'web')]
  const others = [linkedObject('ConfigMap', 'other'), linkedObject('Deployment', 'app')]
  let it = deploying(after, web, second, first, settings, ...others)
  // The tier of other people's workloads comes after that of their ConfigMaps, hooks or not.
  expect(applies(it)).toEqual(['other'])
  it = doneWith(it, ...others.slice(0, 1))
  expect(applies(it).toSorted()).toEqual(['app', 'first'])
  it = doneWith(it, first, ...others.slice(1))
  expect(applies(it)).toEqual([])
  it = it.do(ended(first, 'Complete'))
  expect(applies(it)).toEqual(['second'])
  it = doneWith(it, second)
  expect(applies(it)).toEqual([])
  it = it.do(ended(second, 'Complete'))
  expect(applies(it)).toEqual(['settings'])
  it = doneWith(it, settings)
  expect(applies(it)).toEqual(['web'])
  it = doneWith(it, web)
  expect(applies(it)).toEqual(['after'])
})

test('a hook that failed keeps its release back until it has another spec', () => {
  const [check, settings] = [job('check', 'pre', 0), part('ConfigMap', 'settings')]
  let it = deploying(check, settings)
  it = doneWith(it, check).do(ended(check, 'Failed'))
  expect(applies(it)).toEqual([])
  const mended = job('check', 'pre', 0, '2')
  it = it.do({ type: 'files-changed', firstAt: 1, services: {}, manifests: ['/shop/k8s/all.yaml'] }).start()
  it = it.do(rendered(it.state, mended, settings))
  expect(applies(it)).toEqual(['check'])
  it = doneWith(it, mended).do(ended(mended, 'Complete'))
  expect(applies(it)).toEqual(['settings'])
})

test('namespaces and CRDs are there before any hook, and a release without hooks has no order of its own', () => {
  const crd = part('CustomResourceDefinition', 'crd', 'apiextensions.k8s.io/v1')
  let it = deploying(job('check', 'pre', 0), part('Namespace', 'shop'), crd)
  expect(applies(it)).toEqual(['shop'])
  it = it.start()
  it = it.do(applied(it.state, key(part('Namespace', 'shop'))))
  expect(applies(it)).toEqual(['crd'])
  expect(applies(deploying(part('ConfigMap', 'a'), part('ConfigMap', 'b')))).toEqual(['a', 'b'])
})
