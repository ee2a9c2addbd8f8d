import { readFile } from 'node:fs/promises'
import { err, ok, type Result } from '../../core/result.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import type { KubeConnection } from './connection.js'
import { type ExecCredential, type ExecPlugin, runExecPlugin } from './exec-credential.js'

/** What one request carries to say who is asking. */
export interface RequestCredentials {
  readonly authorization: string | undefined
  /** A client certificate that a plugin handed out, in place of the kubeconfig's. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
}

/** Hands out credentials for one connection, and renews those that expire. */
export interface CredentialSource {
  /** The error is a sentence for people. */
  current(): Promise<Result<RequestCredentials, string>>
  /** Forgets what the server refused; false where there is nothing that could be renewed. */
  renew(): boolean
}

/** Projected tokens are rotated well before they expire, so a minute old reading is still good; client-go does the same. */
const tokenFileAge = 60_000
/** Renews this long before a credential expires, so that it does not expire on the way. */
const expiryMargin = 10_000

export function createCredentialSource(
  connection: KubeConnection,
  runner: ProcessRunner,
  now: () => number,
): CredentialSource {
  const { auth } = connection
  switch (auth.type) {
    case 'none':
      return constant(undefined)
    case 'token':
      return constant(`Bearer ${auth.token}`)
    case 'basic':
      return constant(`Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`)
    case 'token-file':
      return renewable(async () => tokenOfFile(auth.file, now))
    case 'exec':
      return renewable(async () => credentialOfPlugin(auth.plugin, connection, runner))
  }

  function renewable(obtain: () => Promise<Result<Held, string>>): CredentialSource {
    let held: Promise<Result<Held, string>> | undefined
    return {
      async current() {
        held ??= obtain()
        let answer = await held
        if (answer.ok && now() >= answer.value.until) {
          held = obtain()
          answer = await held
        }
        // A failure is not kept: the next request asks again.
        if (!answer.ok) held = undefined
        return answer
      },
      renew() {
        held = undefined
        return true
      },
    }
  }
}

interface Held extends RequestCredentials {
  /** Milliseconds since the epoch. */
  readonly until: number
}

function constant(authorization: string | undefined): CredentialSource {
  return { current: async () => ok({ authorization, certificate: undefined }), renew: () => false }
}

async function tokenOfFile(file: string, now: () => number): Promise<Result<Held, string>> {
  try {
    const token = (await readFile(file, 'utf8')).trim()
    return ok({ authorization: `Bearer ${token}`, certificate: undefined, until: now() + tokenFileAge })
  } catch (error) {
    return err(`The token file cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

async function credentialOfPlugin(
  plugin: ExecPlugin,
  connection: KubeConnection,
  runner: ProcessRunner,
): Promise<Result<Held, string>> {
  const credential = await runExecPlugin(plugin, connection, runner)
  return credential.ok ? ok(held(credential.value)) : credential
}

function held({ token, cert, key, expiresAt }: ExecCredential): Held {
  return {
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    certificate: cert === undefined || key === undefined ? undefined : { cert, key },
    until: expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - expiryMargin,
  }
}
