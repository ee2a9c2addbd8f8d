import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { carryReplicas, resolveConflicts } from './resolve-conflicts.js'

const deployment = (replicas: number | undefined, image = 'a', owner?: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'tour',
    managedFields:
      owner === undefined ? [] : [{ manager: owner, fieldsV1: { 'f:spec': { 'f:replicas': {} } } }],
  },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    template: { spec: { containers: [{ name: 'tour', image }] } },
  },
})
const hpa = 'kube-controller-manager" with subresource "scale'
const scale = 'kubectl" with subresource "scale'
const image = '.spec.template.spec.containers[name="tour"].image'

test.each([
  ['an autoscaler keeps the replicas', hpa, '.spec.replicas', deployment(1), 'left'],
  ['also when the manifest changed', hpa, '.spec.replicas', deployment(5), 'left'],
  ['scaling by hand holds', scale, '.spec.replicas', deployment(1), 'left'],
  ['until the manifest changes', scale, '.spec.replicas', deployment(5), 'taken'],
  ['an edit by hand holds', 'kubectl-edit', '.spec.replicas', deployment(1), 'left'],
  ['until the manifest changes it', 'kubectl-edit', '.spec.replicas', deployment(5), 'taken'],
  ['the first write takes all', 'kubectl-create', '.spec.replicas', undefined, 'taken'],
  ['an image is always ours', 'kubectl-set', image, deployment(1), 'taken'],
  ['a path that cannot be read decides nothing', 'x', 'spec?', deployment(1), undefined],
])('%s', (_name, manager, field, applied, expected) => {
  const decided = resolveConflicts({
    desired: deployment(1),
    live: deployment(3, 'b'),
    applied: applied === undefined ? undefined : { object: applied, left: [] },
    conflicts: [{ manager, field }],
    adopted: false,
  })
  expect(decided && (decided.force ? 'taken' : 'left')).toBe(expected)
  if (decided !== undefined) expect(decided.left).toHaveLength(expected === 'left' ? 1 : 0)
  if (decided !== undefined) expect(decided.notices.join()).toContain(manager.replace(/" .*/, ''))
})

test.each([
  ['an edit by hand is taken back on request', 'kubectl-edit', '.spec.replicas', { takeBack: true }, 'taken'],
  ['scaling by hand too', scale, '.spec.replicas', { takeBack: true }, 'taken'],
  ['but not what an autoscaler sets', hpa, '.spec.replicas', { takeBack: true }, 'left'],
  ['no pods are asked for: an autoscaler waits', hpa, '.spec.replicas', { scaledToZero: true }, 'taken'],
  ['and so does scaling by hand', scale, '.spec.replicas', { scaledToZero: true }, 'taken'],
  ['other edits by hand hold meanwhile', 'kubectl-edit', '.spec.paused', { scaledToZero: true }, 'left'],
])('%s', (_name, manager, field, asked, expected) => {
  const desired = deployment(1)
  const manifest = { ...desired, spec: { ...(desired.spec as object), paused: false } }
  const decided = resolveConflicts({
    desired: manifest,
    live: deployment(3),
    applied: { object: manifest, left: [] },
    conflicts: [{ manager, field }],
    adopted: false,
    ...asked,
  })
  expect(decided && (decided.force ? 'taken' : 'left')).toBe(expected)
})

test('a field that was left before is left without another word', () => {
  const decided = resolveConflicts({
    desired: deployment(1),
    live: deployment(3),
    applied: { object: deployment(1), left: ['.spec.replicas'] },
    conflicts: [{ manager: 'kubectl-edit', field: '.spec.replicas' }],
    adopted: false,
  })
  expect(decided?.notices).toEqual([])
})

test('a number of 0 that the manifest dropped is not carried on', () => {
  const carried = carryReplicas(deployment(undefined), deployment(0, 'a', 'devloop'), 'devloop')
  expect(carried.spec).not.toHaveProperty('replicas')
})

test.each([
  ['we alone own them', 'devloop', 4],
  ['an autoscaler owns them', 'kube-controller-manager', undefined],
])('replicas that the manifest dropped are carried on while %s', (_name, owner, replicas) => {
  const carried = carryReplicas(deployment(undefined), deployment(4, 'a', owner), 'devloop')
  expect((carried.spec as { readonly replicas?: number }).replicas).toBe(replicas)
})
