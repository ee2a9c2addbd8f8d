import type { VerifyFinding } from './diagnose.js'
import type { StreamReport } from './stream-report.js'

/** What `devloop verify` found of one workload. Plain JSON; times are milliseconds. */
export interface VerifyReport {
  readonly service: string
  /** `deployment/web -n shop`. */
  readonly workload: string
  /** `service/web:80`. */
  readonly through: string
  /** How the stream reached the Service. */
  readonly way: VerifyWay
  readonly rate: number
  /** From the request for new pods until they were ready and the old ones gone; undefined where that was not seen. */
  readonly took: number | undefined
  readonly replaced: number
  readonly stream: StreamReport
  /** The stream through the gateway on this machine. */
  readonly gateway: (StreamReport & { readonly address: string }) | { readonly left_out: string }
  readonly findings: readonly VerifyFinding[]
  /** All patches of the findings as one. */
  readonly patch: Readonly<Record<string, unknown>> | undefined
  /** Whether a request failed, or the pods were not replaced. */
  readonly ok: boolean
}

export type VerifyWay =
  /** A pod of its own in the cluster, which connects to the Service as every other pod does. */
  | { readonly kind: 'pod'; readonly program: string; readonly image: string }
  /** The API server's proxy: it picks a pod for each request by itself, and knows sooner than nodes do which pods are there. */
  | { readonly kind: 'api-server'; readonly reason: string }
