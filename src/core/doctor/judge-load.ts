import { chooseMethods, type TransferMethod } from '../load/choose-method.js'
import type { SelectedCluster } from '../select-cluster.js'
import { type Finding, finding } from './finding.js'

/** Without a cluster nothing else counts. */
type ProcessFacts = { readonly cluster: Extract<SelectedCluster, { readonly kind: 'process' }> }

/** All that the way of images to the nodes depends on, and what was tried. */
export interface LoadFacts {
  readonly cluster: Exclude<SelectedCluster, { readonly kind: 'process' }>
  readonly store: 'classic' | 'containerd'
  readonly architecture: string
  /** Whether the engine runs on this machine, as its address tells. */
  readonly isLocal: boolean
  /** Whether it asked a server of ours when it was told to; undefined where that was not tried. */
  readonly reached: boolean | undefined
  /** Of the nodes; undefined where the cluster did not say. */
  readonly runtimes: readonly string[] | undefined
  readonly architectures: readonly string[] | undefined
}

const WORDS: Readonly<Record<TransferMethod, string>> = {
  'sparse-push': "devloop takes the new layers from the engine's push",
  'filtered-save': 'the image is saved and its missing layers imported',
  save: 'the whole image is saved and imported',
  'provider-load': "the cluster's own tool loads it",
}

const MB = 1_000_000
/** The image by which the ways are compared, and what of it a save changes. */
const SAMPLE = { totalBytes: 180 * MB, missingBytes: MB }

/** The way that images would take to the nodes of this cluster, and why. */
export function judgeLoad(facts: LoadFacts | ProcessFacts): readonly Finding[] {
  if (!('store' in facts))
    return [
      finding('load', 'ok', 'nothing is moved: processes run in the folders that their images are made of'),
    ]
  return [judgeWay(facts), ...judgeArchitecture(facts)]
}

function judgeWay(facts: LoadFacts): Finding {
  const { cluster, runtimes } = facts
  switch (cluster.kind) {
    case 'docker-desktop':
      return finding('load', 'ok', 'nothing is moved: the nodes run on the engine that builds')
    case 'minikube':
      return (runtimes ?? []).some(runtime => runtime.startsWith('docker:'))
        ? finding('load', 'ok', "nothing is moved: images are built by the engine in minikube's node")
        : finding(
            'load',
            'ok',
            `images are saved and handed to minikube image load${runtimes === undefined ? '' : `, for the nodes run ${runtimes.join(', ')}`}`,
          )
    case 'context':
      return cluster.registry === undefined
        ? finding(
            'load',
            'failure',
            `there is no way to the nodes of ${cluster.context}: they take images from a registry, and the config names none`,
            'Name one that you may push to and the nodes may pull from: cluster: { context: { name: …, allow: true, registry: HOST/PATH } }',
          )
        : finding(
            'load',
            'ok',
            `images are pushed to ${cluster.registry}, from which the nodes of ${cluster.context} pull`,
          )
    case 'kind':
    case 'k3d':
      return judgeTransfer(facts, cluster.kind === 'kind' ? 'kind load docker-image' : 'k3d image import')
  }
}

function judgeTransfer({ store, isLocal, reached }: LoadFacts, tool: string): Finding {
  const pushReachable = isLocal && reached !== false
  const ways = chooseMethods({ store, pushReachable, providerLoad: true, ...SAMPLE })
  const [cold] = chooseMethods({
    store,
    pushReachable,
    providerLoad: true,
    ...SAMPLE,
    missingBytes: SAMPLE.totalBytes,
  })
  const [save, ...others] = ways
  const why = !isLocal
    ? 'the engine is on another machine or in a virtual one, and cannot reach this process'
    : reached === undefined
      ? 'the engine is on this machine'
      : reached
        ? 'the engine reaches this process (tried)'
        : 'the engine did not reach this process at 127.0.0.1 (tried)'
  const first = cold === save ? '' : `, of a first load of 180 MB ${WORDS[cold]}`
  const next = others.map(method => (method === 'provider-load' ? tool : method)).join(', ')
  const text = `${save}: of a save ${WORDS[save]}${first}; ${why}, ${store} store; after that ${next}`
  if (!isLocal || reached !== false) return finding('load', 'ok', text)
  return finding(
    'load',
    'warning',
    text,
    'Loads are slower so. Does the engine use a proxy for 127.0.0.1 (docker info: HTTP Proxy, No Proxy), or does it run in a network of its own?',
  )
}

/** `x86_64` is what the kernel says, `amd64` what images say. */
const same = (left: string, right: string): boolean => canonical(left) === canonical(right)

const canonical = (architecture: string): string =>
  architecture === 'x86_64' ? 'amd64' : architecture === 'aarch64' ? 'arm64' : architecture

function judgeArchitecture({ architecture, architectures }: LoadFacts): readonly Finding[] {
  const others = [...new Set(architectures ?? [])].filter(other => !same(other, architecture))
  if (others.length === 0) return []
  return [
    finding(
      'load',
      'warning',
      `Docker builds for ${canonical(architecture)}, and nodes are ${others.join(', ')}: images do not start there`,
      `Build for the nodes: platform: linux/${others[0]} for each service in the config.`,
    ),
  ]
}
