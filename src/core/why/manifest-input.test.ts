import { describe, expect, it } from 'vitest'
import type { ManifestSpec } from '../project.js'
import { manifestInput, manifestRootOf } from './manifest-input.js'

const inputs = {
  files: ['/p/values.yaml', '/p/k8s/tool.conf'],
  folders: ['/p/k8s', '/p/overlays/dev'],
  trees: ['/p/charts/db'],
}

describe('whether a file is read for the manifests', () => {
  it.each([
    ['/p/values.yaml', true],
    ['/p/other.yaml', false],
    ['/p/k8s/a.yaml', true],
    ['/p/k8s/deep/new.json', true],
    ['/p/k8s/tool.conf', true],
    ['/p/k8s/notes.txt', false],
    ['/p/k8s/deep', true],
    ['/p/k8s-old/a.yaml', false],
    ['/p/charts/db/templates/_helpers.tpl', true],
    ['/p/charts/db', true],
    ['/p/charts/db2/Chart.yaml', false],
  ])('%s: %s', (path, is) => {
    expect(manifestInput(path, inputs) !== undefined).toBe(is)
  })
})

describe('the root that a file belongs to', () => {
  const specs: readonly ManifestSpec[] = [
    { kind: 'raw', path: 'k8s', exclude: [], substitute: true },
    { kind: 'raw', path: 'apps/**/*.yaml', exclude: [], substitute: true },
    { kind: 'kustomize', folder: '/p/k8s/overlay', name: 'environments', namespace: undefined },
    {
      kind: 'helm',
      chart: '/p/charts/db',
      release: 'db',
      namespace: undefined,
      values: ['/p/values.yaml'],
      set: [],
    },
    { kind: 'command', command: ['jsonnet', 'x'], inputs: ['lib'], name: undefined, namespace: undefined },
  ]
  it.each([
    ['/p/k8s/a.yaml', 'manifests: k8s'],
    ['/p/apps/deep/a.yaml', 'manifests: apps/**/*.yaml'],
    ['/p/k8s/overlay/patch.yaml', 'kustomize environments'],
    ['/p/charts/db/values.yaml', 'helm db'],
    ['/p/values.yaml', 'helm db'],
    ['/p/lib/a.libsonnet', 'jsonnet x'],
    ['/p/src/a.ts', undefined],
  ])('%s: %s', (path, root) => {
    expect(manifestRootOf(path, specs, '/p')).toBe(root)
  })
})
