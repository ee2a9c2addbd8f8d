import type { Problem } from '../problem.js'

/** What became of the gateway on this machine. */
export type GatewayState =
  | {
      readonly kind: 'serving'
      readonly port: number
      /** What a browser can open: names of rules first. */
      readonly addresses: readonly string[]
      /** By service of the project. */
      readonly urls: Readonly<Record<string, string>>
    }
  | { readonly kind: 'failed'; readonly problem: Problem }
