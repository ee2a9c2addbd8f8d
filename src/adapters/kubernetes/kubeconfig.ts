import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { parse } from 'yaml'
import type { ClusterUnreachable } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'

/** A context as a person names it, for choosing a cluster. */
export interface KubeContext {
  readonly name: string
  /** The URL of the API server; empty where the context names a cluster that the files lack. */
  readonly server: string
  readonly current: boolean
  readonly namespace?: string
}

/** One named entry (`clusters[]`, `users[]`, `contexts[]`) with the folder of its file, against which its paths count. */
export interface KubeconfigEntry {
  readonly folder: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** All files merged as kubectl merges them: the first file that has a name wins. */
export interface Kubeconfig {
  /** Every file that was looked for, in order. */
  readonly files: readonly string[]
  readonly currentContext: string | undefined
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>
  readonly users: ReadonlyMap<string, KubeconfigEntry>
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>
}

/** The files that kubectl would read: those of KUBECONFIG, else `~/.kube/config`. */
export function kubeconfigFiles(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): readonly string[] {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(file => file !== '')
  return listed.length > 0 ? [...new Set(listed)] : [join(home, '.kube', 'config')]
}

/** Reads and merges the files; those that do not exist are skipped, as kubectl does. Fails with `cluster-unreachable` where one is unreadable. */
export async function readKubeconfig(
  files: readonly string[],
): Promise<Result<Kubeconfig, ClusterUnreachable>> {
  let currentContext: string | undefined
  const clusters = new Map<string, KubeconfigEntry>()
  const users = new Map<string, KubeconfigEntry>()
  const contexts = new Map<string, KubeconfigEntry>()
  for (const file of files) {
    const document = await readDocument(file)
    if (!document.ok) return document
    if (document.value === undefined) continue
    currentContext ??= textOf(document.value['current-context'])
    collect(clusters, document.value.clusters, 'cluster', dirname(file))
    collect(users, document.value.users, 'user', dirname(file))
    collect(contexts, document.value.contexts, 'context', dirname(file))
  }
  return ok({ files, currentContext, clusters, users, contexts })
}

/** Every context, in the order of the files. */
export function listContexts(config: Kubeconfig): readonly KubeContext[] {
  return [...config.contexts].map(([name, { fields }]) => {
    const namespace = textOf(fields.namespace)
    return {
      name,
      server: textOf(config.clusters.get(textOf(fields.cluster) ?? '')?.fields.server) ?? '',
      current: name === config.currentContext,
      ...(namespace === undefined ? {} : { namespace }),
    }
  })
}

/** A non-empty string, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Whether a value is a mapping. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function readDocument(
  file: string,
): Promise<Result<Readonly<Record<string, unknown>> | undefined, ClusterUnreachable>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ok(undefined)
    return err(unreadable(file, error))
  }
  try {
    const document: unknown = parse(text)
    if (document === null || document === undefined) return ok(undefined)
    if (isRecord(document)) return ok(document)
    return err(unreadable(file, new Error('it is not a mapping')))
  } catch (error) {
    return err(unreadable(file, error))
  }
}

function unreadable(file: string, error: unknown): ClusterUnreachable {
  const message = error instanceof Error ? error.message : String(error)
  return {
    kind: 'cluster-unreachable',
    context: '',
    message: `The kubeconfig ${file} cannot be read: ${message}`,
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function collect(
  into: Map<string, KubeconfigEntry>,
  list: unknown,
  key: 'cluster' | 'user' | 'context',
  folder: string,
): void {
  if (!Array.isArray(list)) return
  for (const item of list) {
    if (!isRecord(item)) continue
    const name = textOf(item.name)
    const fields = item[key]
    if (name !== undefined && !into.has(name))
      into.set(name, { folder, fields: isRecord(fields) ? fields : {} })
  }
}
