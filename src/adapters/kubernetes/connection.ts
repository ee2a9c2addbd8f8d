import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ClusterUnreachable } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ExecPlugin } from './exec-credential.js'
import { isRecord, type Kubeconfig, type KubeconfigEntry, textOf } from './kubeconfig.js'

/** Who devloop is to the API server, apart from a client certificate. */
export type KubeAuth =
  | { readonly type: 'none' }
  | { readonly type: 'token'; readonly token: string }
  /** The file is read again now and then, for projected tokens are rotated. */
  | { readonly type: 'token-file'; readonly file: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'exec'; readonly plugin: ExecPlugin }

/** All that a context says of how to reach its API server. Plain data, so that two readings can be compared. */
export interface KubeConnection {
  readonly context: string
  /** As in the file, without a trailing slash. */
  readonly server: string
  readonly namespace: string | undefined
  /** PEM. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly insecure: boolean
  readonly tlsServerName: string | undefined
  readonly auth: KubeAuth
  /** Extra headers: impersonation. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Resolves one context, reading the certificate files that it names. Fails with `cluster-unreachable` and says what is wrong: an unknown
 * context, a dangling name, a file that is not there, a proxy or an authentication that devloop does not speak.
 */
export async function resolveConnection(
  config: Kubeconfig,
  contextName: string,
): Promise<Result<KubeConnection, ClusterUnreachable>> {
  const fail = (message: string, server?: string): Result<never, ClusterUnreachable> =>
    err({
      kind: 'cluster-unreachable',
      context: contextName,
      message,
      ...(server === undefined ? {} : { server }),
    })
  const where = config.files.join(', ')
  const context = config.contexts.get(contextName)?.fields
  if (context === undefined) return fail(`There is no context "${contextName}" in ${where}.`)
  const clusterName = textOf(context.cluster) ?? ''
  const cluster = config.clusters.get(clusterName)
  const server = textOf(cluster?.fields.server)?.replace(/\/+$/, '')
  if (cluster === undefined || server === undefined) {
    return fail(
      `The context "${contextName}" names the cluster "${clusterName}", which ${where} does not define.`,
    )
  }
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
    return fail(`The server "${server}" of the context "${contextName}" is not an http or https URL.`)
  }
  if (textOf(cluster.fields['proxy-url']) !== undefined) {
    return fail(
      `The cluster "${clusterName}" is behind a proxy (proxy-url), which devloop does not support. Use a context that reaches the API server directly, for example through \`kubectl proxy\`.`,
      server,
    )
  }
  const userName = textOf(context.user)
  const user = userName === undefined ? emptyEntry : config.users.get(userName)
  if (user === undefined) {
    return fail(
      `The context "${contextName}" names the user "${userName}", which ${where} does not define.`,
      server,
    )
  }
  const auth = authOf(user)
  if (!auth.ok) return fail(`The user "${userName}": ${auth.error}`, server)
  const files = await readPems(cluster, user)
  if (!files.ok) return fail(files.error, server)
  const insecure = cluster.fields['insecure-skip-tls-verify'] === true
  return ok({
    context: contextName,
    server,
    namespace: textOf(context.namespace),
    ...files.value,
    insecure,
    tlsServerName: textOf(cluster.fields['tls-server-name']),
    auth: auth.value,
    headers: impersonation(user.fields),
  })
}

const emptyEntry: KubeconfigEntry = { folder: '.', fields: {} }

function authOf({ fields, folder }: KubeconfigEntry): Result<KubeAuth, string> {
  const token = textOf(fields.token)
  const file = textOf(fields.tokenFile)
  // As kubectl: a token file takes precedence over a token, and both over everything else.
  if (file !== undefined) return ok({ type: 'token-file', file: resolve(folder, file) })
  if (token !== undefined) return ok({ type: 'token', token })
  const username = textOf(fields.username)
  if (username !== undefined) return ok({ type: 'basic', username, password: textOf(fields.password) ?? '' })
  if (isRecord(fields.exec)) return execPlugin(fields.exec, folder)
  const provider = fields['auth-provider']
  if (isRecord(provider)) {
    return err(
      `the auth-provider "${textOf(provider.name) ?? ''}" was removed from Kubernetes in 1.26. Let your cloud's tool write the kubeconfig anew; it then uses an exec credential plugin.`,
    )
  }
  return ok({ type: 'none' })
}

function execPlugin(exec: Readonly<Record<string, unknown>>, folder: string): Result<KubeAuth, string> {
  const command = textOf(exec.command)
  if (command === undefined) return err('its exec credential plugin has no command.')
  const apiVersion = textOf(exec.apiVersion) ?? ''
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion)) {
    return err(
      `its exec credential plugin speaks "${apiVersion}", which devloop does not know (v1 and v1beta1).`,
    )
  }
  if (exec.interactiveMode === 'Always') {
    return err(
      'its exec credential plugin wants a terminal (interactiveMode: Always), which devloop cannot give it.',
    )
  }
  const env = (Array.isArray(exec.env) ? exec.env : []).filter(isRecord)
  return ok({
    type: 'exec',
    plugin: {
      apiVersion,
      // A name without a slash is looked up on PATH; a relative path counts from the kubeconfig's folder.
      command: command.includes('/') ? resolve(folder, command) : command,
      args: (Array.isArray(exec.args) ? exec.args : []).map(String),
      env: Object.fromEntries(env.map(({ name, value }) => [String(name), String(value)])),
      provideClusterInfo: exec.provideClusterInfo === true,
      installHint: textOf(exec.installHint),
    },
  })
}

type Pems = Pick<KubeConnection, 'ca' | 'cert' | 'key'>

async function readPems(cluster: KubeconfigEntry, user: KubeconfigEntry): Promise<Result<Pems, string>> {
  const ca = await pem(cluster, 'certificate-authority')
  if (!ca.ok) return ca
  const cert = await pem(user, 'client-certificate')
  if (!cert.ok) return cert
  const key = await pem(user, 'client-key')
  if (!key.ok) return key
  return ok({ ca: ca.value, cert: cert.value, key: key.value })
}

async function pem(entry: KubeconfigEntry, name: string): Promise<Result<string | undefined, string>> {
  const data = textOf(entry.fields[`${name}-data`])
  if (data !== undefined) return ok(Buffer.from(data, 'base64').toString('utf8'))
  const file = textOf(entry.fields[name])
  if (file === undefined) return ok(undefined)
  try {
    return ok(await readFile(resolve(entry.folder, file), 'utf8'))
  } catch (error) {
    return err(
      `The ${name} of the kubeconfig cannot be read: ${error instanceof Error ? error.message : error}`,
    )
  }
}

function impersonation(
  user: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | readonly string[]>> {
  const as = textOf(user.as)
  if (as === undefined) return {}
  const uid = textOf(user['as-uid'])
  const groups = Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : []
  return {
    'Impersonate-User': as,
    ...(uid === undefined ? {} : { 'Impersonate-Uid': uid }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
  }
}
