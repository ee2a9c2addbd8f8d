import { describe, expect, it } from 'vitest'
import { chainIds } from './chain-ids.js'
import { chooseMethods } from './choose-method.js'
import { layerSizes } from './layer-sizes.js'
import { configOnNode, missingLayers, nodeHasImage, nodeHasName, parseNodeImages } from './node-images.js'
import { pickManifest } from './oci-image.js'

const a = `sha256:${'a'.repeat(64)}`
const b = `sha256:${'b'.repeat(64)}`
const [, chainB = ''] = chainIds([a, b])

it('names the first layer by its diffID and each further one by its parent too', () => {
  // printf 'sha256:aaa… sha256:bbb…' | sha256sum
  expect(chainIds([a, b])).toEqual([a, expect.stringMatching(/^sha256:[0-9a-f]{64}$/)])
  expect(chainIds([b, a])[1]).not.toBe(chainB)
})

const output = `REF TYPE DIGEST SIZE PLATFORMS LABELS
docker.io/library/x:1 application/vnd.oci.image.manifest.v1+json ${b} 1.0 KiB linux/amd64 io.cri-containerd.image=managed
sha256:${'c'.repeat(64)} application/vnd.oci.image.manifest.v1+json ${b} 1.0 KiB linux/amd64 -
docker.io/library/raw:1 application/vnd.oci.image.manifest.v1+json ${a} 1.0 KiB linux/amd64 -
---
KEY PARENT KIND
${a}  Committed
${chainB} ${a} Active
`

it('reads what a node has', () => {
  const node = parseNodeImages(output)
  const config = `sha256:${'c'.repeat(64)}`
  expect(nodeHasImage(node, 'docker.io/library/x:1', config)).toBe(true)
  expect(nodeHasImage(node, 'docker.io/library/x:1', a)).toBe(false)
  expect(nodeHasImage(node, 'docker.io/library/raw:1', config)).toBe(false)
  expect(nodeHasName(node, 'docker.io/library/x:1')).toBe(true)
  expect(configOnNode(node, 'docker.io/library/x:1')).toBe(config)
  expect(configOnNode(node, 'docker.io/library/raw:1')).toBeUndefined()
  expect(configOnNode(node, 'docker.io/library/absent:1')).toBeUndefined()
  // Imported, but not taken up by the kubelet's runtime.
  expect(nodeHasName(node, 'docker.io/library/raw:1')).toBe(false)
  expect(missingLayers([node], [a, b])).toEqual([1])
  expect(missingLayers([node, parseNodeImages('')], [a, b])).toEqual([0, 1])
})

describe('sizes of layers', () => {
  it.each([
    [
      'every entry with content is a layer',
      [
        [5, 'COPY a'],
        [0, 'CMD x'],
        [9, 'ADD b'],
      ],
      2,
      [9, 5],
    ],
    [
      'an empty WORKDIR is one too',
      [
        [5, 'COPY a'],
        [0, '/bin/sh -c #(nop) WORKDIR /x'],
        [9, 'ADD b'],
      ],
      3,
      [9, 0, 5],
    ],
    [
      'bounds from above where it does not come out even',
      [
        [5, 'COPY a'],
        [7, 'RUN b'],
        [9, 'ADD b'],
      ],
      2,
      [16, 5],
    ],
  ] as const)('%s', (_name, entries, count, sizes) => {
    expect(
      layerSizes(
        entries.map(([Size, CreatedBy]) => ({ Size, CreatedBy })),
        count,
      ),
    ).toEqual(sizes)
  })
})

describe('the way to take', () => {
  const facts = { store: 'classic', totalBytes: 185e6, pushReachable: true, providerLoad: true } as const
  it.each([
    ['a small change', { missingBytes: 200 }, 'sparse-push'],
    ['node_modules', { missingBytes: 12e6 }, 'sparse-push'],
    ['the base itself', { missingBytes: 185e6 }, 'filtered-save'],
    ['an engine that does not reach us', { missingBytes: 200, pushReachable: false }, 'filtered-save'],
    ['the base from the containerd store', { missingBytes: 185e6, store: 'containerd' }, 'sparse-push'],
    [
      'the containerd store out of reach',
      { missingBytes: 1, store: 'containerd', pushReachable: false },
      'save',
    ],
  ] as const)('%s', (_name, change, method) => {
    const methods = chooseMethods({ ...facts, ...change })
    expect(methods[0]).toBe(method)
    expect(methods.at(-1)).toBe('provider-load')
  })
})

it('never picks an attestation', () => {
  const entry = (digest: string, architecture: string, type?: string) => ({
    mediaType: '',
    digest,
    size: 1,
    platform: { os: architecture === 'unknown' ? 'unknown' : 'linux', architecture },
    ...(type === undefined ? {} : { annotations: { 'vnd.docker.reference.type': type } }),
  })
  const attestation = entry('x', 'unknown', 'attestation-manifest')
  const linux = { os: 'linux', architecture: 'amd64' }
  expect(pickManifest([attestation, entry('y', 'arm64'), entry('z', 'amd64')], linux)?.digest).toBe('z')
  expect(pickManifest([attestation], linux)).toBeUndefined()
})
