import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export const run = promisify(execFile)
const context = 'kind-dev'

/** kubectl on the cluster of the tests; `input` goes to its stdin. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const child = run('kubectl', ['--context', context, ...args], { maxBuffer: 64 << 20 })
  if (input !== undefined) child.child.stdin?.end(input)
  return (await child).stdout
}

interface Live {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string; readonly generation?: number }
  readonly spec: Record<string, unknown>
  readonly status?: Record<string, unknown>
  readonly data?: Record<string, string>
}

export async function read(namespace: string, kind: string, name: string): Promise<Live> {
  return JSON.parse(await kubectl(['get', kind, name, '-n', namespace, '-o', 'json'])) as Live
}

/** Namespaces that every cluster has. */
const SYSTEM = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']
/** Events are no part of what a cluster is, and component statuses are computed. */
const LEFT_OUT = /^(events|componentstatuses|.*\.metrics\.k8s\.io)/

/**
 * `Kind namespace/name` of every object of every kind: the cluster-wide ones, those of the system's namespaces, and of those given. What others
 * do meanwhile in namespaces of their own is not looked at.
 */
export async function snapshot(...namespaces: readonly string[]): Promise<readonly string[]> {
  const listed = await kubectl(['api-resources', '--verbs=list', '-o', 'name'])
  const kinds = listed.split('\n').filter(kind => kind !== '' && !LEFT_OUT.test(kind))
  const columns =
    'custom-columns=K:.kind,NS:.metadata.namespace,N:.metadata.name,C:.spec.claimRef.namespace,P:.spec.parentRef.namespace'
  const table = await kubectl(['get', kinds.join(','), '-A', '--no-headers', '-o', columns])
  const seen = [...SYSTEM, ...namespaces]
  return table
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(/\s+/))
    .filter(([kind = '', namespace = '', name = '', claim = '', parent = '']) => {
      if (kind === 'Namespace') return seen.includes(name)
      if (kind === 'PersistentVolume') return seen.includes(claim)
      if (kind === 'IPAddress') return seen.includes(parent)
      return namespace === '<none>' || seen.includes(namespace)
    })
    .map(([kind, namespace, name]) => `${kind} ${namespace === '<none>' ? '' : `${namespace}/`}${name}`)
    .sort()
}
