import { expect, test } from 'vitest'
import { kustomizeFault } from './kustomize-fault.js'

const files = ['a', 'b', 'c/d'].flatMap(folder => [
  `/shop/k8s/${folder}/kustomization.yaml`,
  `/shop/k8s/${folder}/service.yaml`,
])

/** What Kustomize says of a file of a folder that the kustomization at the top names. */
const inFolder = (named: string, folder: string) =>
  `E1121 12:24:24.832434   16604 run.go:72] "command failed" err="accumulating resources: accumulation err='accumulating resources from '${named}': '${folder}' must resolve to a file': recursed accumulation of path '${folder}': accumulating resources: accumulating resources from 'service.yaml': MalformedYAMLError: yaml: line 3: did not find expected ',' or ']' in File: service.yaml"`

test.each([
  ['of a folder', inFolder('c/d', '/shop/k8s/c/d'), '/shop/k8s/c/d/service.yaml'],
  ['of another with a file of the same name', inFolder('b', '/shop/k8s/b'), '/shop/k8s/b/service.yaml'],
  ['by way of a link', inFolder('b', '/private/shop/k8s/b'), '/shop/k8s/b/service.yaml'],
  [
    'of the kustomization itself',
    "Error: accumulating resources: accumulating resources from 'service.yaml': MalformedYAMLError: yaml: line 3: bad in File: service.yaml",
    '/shop/k8s/a/service.yaml',
  ],
])('a file that is no YAML is named: %s', (_name, stderr, file) => {
  const fault = kustomizeFault({
    stderr,
    file: '/shop/k8s/kustomization.yaml',
    files,
    places: [],
    findText: () => undefined,
  })
  expect(fault.range).toMatchObject({ file, line: 3 })
  expect(fault.message).toContain('yaml: line 3')
})
