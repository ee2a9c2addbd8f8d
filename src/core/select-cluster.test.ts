import { describe, expect, it } from 'vitest'
import type { ClusterSelection } from './project.js'
import { type KubeContext, selectCluster } from './select-cluster.js'

const context = (name: string, current = false): KubeContext => ({
  name,
  server: 'https://127.0.0.1:6443',
  current,
})

const auto: ClusterSelection = { kind: 'auto' }
const named = (name: string, allow: boolean, registry?: string): ClusterSelection => ({
  kind: 'context',
  name,
  allow,
  registry,
})

describe('the cluster of a project', () => {
  it.each<readonly [string, ClusterSelection, readonly KubeContext[], string]>([
    ['current local one', auto, [context('kind-a'), context('kind-b', true)], 'kind kind-b'],
    ['only local one, with none current', auto, [context('prod'), context('k3d-a')], 'k3d k3d-a'],
    ['current minikube', auto, [context('minikube', true)], 'minikube minikube'],
    ['current Docker Desktop', auto, [context('docker-desktop', true)], 'docker-desktop docker-desktop'],
    [
      'kind cluster by its name',
      { kind: 'kind', name: 'dev', create: true, image: undefined, config: undefined },
      [],
      'kind kind-dev',
    ],
    ['local context by its name', named('kind-a', false), [], 'kind kind-a'],
    ['process provider', { kind: 'process', images: {} }, [context('kind-a', true)], 'process processes'],
    ['allowed context', named('staging', true), [context('staging')], 'context staging'],
    ['local context with a registry', named('kind-a', true, 'r:5000'), [context('kind-a')], 'context kind-a'],
  ])('is the %s', (_, selection, contexts, expected) => {
    const selected = selectCluster(selection, contexts)
    expect(selected.ok && `${selected.value.kind} ${selected.value.context}`).toBe(expected)
  })

  it.each<readonly [string, ClusterSelection, readonly KubeContext[], string, RegExp]>([
    [
      'a current one that is not local',
      auto,
      [context('prod', true)],
      'cluster-refused',
      /prod is not a local/,
    ],
    [
      'it, though a local one is there too',
      auto,
      [context('prod', true), context('kind-a')],
      'cluster-refused',
      /name one of kind-a/,
    ],
    [
      'a context that is not allowed',
      named('prod', false),
      [context('prod')],
      'cluster-refused',
      /does not allow it/,
    ],
    [
      'an allowed context that is not there',
      named('prod', true),
      [context('dev')],
      'cluster-missing',
      /no context prod/,
    ],
    [
      'several local ones with none current',
      auto,
      [context('kind-a'), context('kind-b')],
      'cluster-missing',
      /several/,
    ],
    ['no kubeconfig', auto, [], 'cluster-missing', /no local cluster/],
    // A name that only looks like a local tool's.
    ['a name that begins like one', auto, [context('kindly', true)], 'cluster-refused', /kindly/],
  ])('is not %s', (_, selection, contexts, kind, words) => {
    const selected = selectCluster(selection, contexts)
    if (selected.ok) throw new Error(`selected ${selected.value.context}`)
    expect(selected.error).toMatchObject({ kind, message: expect.stringMatching(words) })
  })

  it('never is processes by itself, and says that it could be', () => {
    expect(selectCluster(auto, [])).toMatchObject({
      ok: false,
      error: { hint: expect.stringContaining('cluster: { process: {} }') },
    })
  })
})
