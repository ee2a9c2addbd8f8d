import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KubeObject } from '../../../src/core/kube-object.js'
import { kubectl, run } from './kubectl.js'

/** What an admission webhook is asked (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: string
  readonly object: KubeObject
}

export interface AdmissionAnswer {
  /** The words of a refusal; undefined allows. */
  readonly refusal?: string
  /** RFC 6902. */
  readonly patch?: readonly unknown[]
}

export interface WebhookOptions {
  readonly namespace: string
  readonly kind: 'mutating' | 'validating'
  /** Resource as the API groups it, such as `pods` or `deployments`. */
  readonly resource: { readonly group: string; readonly version: string; readonly plural: string }
  readonly answer: (request: AdmissionRequest) => AdmissionAnswer
}

export interface Webhook extends AsyncDisposable {
  /** Requests that were answered so far. */
  readonly requests: readonly AdmissionRequest[]
}

const execute = promisify(execFile)

/** An admission webhook of the test's own, served on this machine where the cluster's node reaches it, for one namespace. */
export async function startWebhook({ namespace, kind, resource, answer }: WebhookOptions): Promise<Webhook> {
  const host = await hostAddress()
  const { certificate, key } = await selfSigned(host)
  const requests: AdmissionRequest[] = []
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { readonly request: AdmissionRequest }
      requests.push(review.request)
      const { refusal, patch } = answer(review.request)
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: {
            uid: review.request.uid,
            allowed: refusal === undefined,
            ...(refusal === undefined ? {} : { status: { code: 403, message: refusal } }),
            ...(patch === undefined
              ? {}
              : {
                  patchType: 'JSONPatch',
                  patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
                }),
          },
        }),
      )
    })
  })
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const configuration =
    kind === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration'
  const name = `${namespace}-${kind}`
  const { group, version, plural } = resource
  await kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: configuration,
      metadata: { name },
      webhooks: [
        {
          name: 'webhook.devloop.test',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          timeoutSeconds: 10,
          clientConfig: {
            url: `https://${host}:${port}/`,
            caBundle: Buffer.from(certificate).toString('base64'),
          },
          namespaceSelector: {
            matchLabels: { 'kubernetes.io/metadata.name': namespace },
          },
          rules: [
            {
              apiGroups: [group],
              apiVersions: [version],
              resources: [plural],
              operations: ['CREATE', 'UPDATE'],
            },
          ],
        },
      ],
    }),
  )
  return {
    requests,
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', configuration, name, '--ignore-not-found'])
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** A webhook that puts a container before those of every pod of the namespace, as a mesh does. It says `mesh speaks`. */
export function startMesh(namespace: string): Promise<Webhook> {
  const mesh = {
    name: 'mesh',
    image: 'busybox:1.35',
    command: ['sh', '-c', 'echo mesh speaks; sleep 100000'],
  }
  return startWebhook({
    namespace,
    kind: 'mutating',
    resource: { group: '', version: 'v1', plural: 'pods' },
    answer: ({ operation }) =>
      operation === 'CREATE' ? { patch: [{ op: 'add', path: '/spec/containers/0', value: mesh }] } : {},
  })
}

/** The address under which the nodes reach this machine: the gateway of kind's network. */
async function hostAddress(): Promise<string> {
  const format = '{{range .IPAM.Config}}{{.Gateway}} {{end}}'
  const { stdout } = await run('docker', ['network', 'inspect', 'kind', '-f', format])
  const address = stdout.split(/\s+/).find(part => /^\d+(\.\d+){3}$/.test(part))
  if (address === undefined) throw new Error(`The network "kind" has no IPv4 gateway: ${stdout}`)
  return address
}

async function selfSigned(host: string): Promise<{ readonly certificate: string; readonly key: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-'))
  try {
    const key = join(folder, 'key.pem')
    const certificate = join(folder, 'certificate.pem')
    await execute('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', certificate, '-days', '1', '-subj', '/CN=webhook'],
      ...['-addext', `subjectAltName=IP:${host}`],
    ])
    return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
