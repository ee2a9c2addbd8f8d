import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { isRecord, textOf } from './kubeconfig.js'

/** A program that hands out credentials (`users[].user.exec`). */
export interface ExecPlugin {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly provideClusterInfo: boolean
  readonly installHint: string | undefined
}

/** What a plugin handed out. */
export interface ExecCredential {
  readonly token: string | undefined
  /** PEM. */
  readonly cert: string | undefined
  readonly key: string | undefined
  /** Milliseconds since the epoch; undefined where it holds until the server refuses it. */
  readonly expiresAt: number | undefined
}

/** What the plugin is told of the cluster where it asks (`provideClusterInfo`). */
export interface ExecClusterInfo {
  readonly server: string
  readonly ca: string | undefined
  readonly insecure: boolean
  readonly tlsServerName: string | undefined
}

/** Runs a credential plugin once. The error is a sentence for people. */
export async function runExecPlugin(
  plugin: ExecPlugin,
  cluster: ExecClusterInfo,
  runner: ProcessRunner,
): Promise<Result<ExecCredential, string>> {
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  }
  const output = await runner.run([plugin.command, ...plugin.args], {
    env: { ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    // A plugin that opens a browser and waits for a person would otherwise hold everything up without a word.
    timeout: 60_000,
  })
  if (!output.ok) return err(pluginFailure(plugin, output.error))
  return parseCredential(output.value.stdout, plugin)
}

function clusterInfo(cluster: ExecClusterInfo): Readonly<Record<string, unknown>> {
  return {
    server: cluster.server,
    ...(cluster.ca === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') }),
    ...(cluster.insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
  }
}

function pluginFailure(plugin: ExecPlugin, problem: Problem): string {
  const name = `The credential plugin \`${plugin.command}\``
  if (problem.kind !== 'command-failed') return `${name} could not be run.`
  if (problem.reason === 'not-found') {
    return `${name} is not on this machine.${plugin.installHint === undefined ? '' : ` ${plugin.installHint.trim()}`}`
  }
  return [
    `${name} failed (${problem.exitCode ?? problem.signal ?? problem.reason}).`,
    ...problem.output,
  ].join('\n')
}

/** Reads a plugin's output. Exported for its table of cases. */
function parseCredential(stdout: string, plugin: ExecPlugin): Result<ExecCredential, string> {
  const name = `The credential plugin \`${plugin.command}\``
  let document: unknown
  try {
    document = JSON.parse(stdout)
  } catch {
    return err(`${name} did not print an ExecCredential in JSON.`)
  }
  if (!isRecord(document) || document.kind !== 'ExecCredential' || !isRecord(document.status)) {
    return err(`${name} did not print an ExecCredential with a status.`)
  }
  if (document.apiVersion !== plugin.apiVersion) {
    return err(`${name} printed ${document.apiVersion} where the kubeconfig says ${plugin.apiVersion}.`)
  }
  const { status } = document
  const token = textOf(status.token)
  const cert = textOf(status.clientCertificateData)
  const key = textOf(status.clientKeyData)
  if (token === undefined && (cert === undefined || key === undefined)) {
    return err(`${name} printed neither a token nor a certificate with its key.`)
  }
  const expires = Date.parse(textOf(status.expirationTimestamp) ?? '')
  return ok({ token, cert, key, expiresAt: Number.isNaN(expires) ? undefined : expires })
}
