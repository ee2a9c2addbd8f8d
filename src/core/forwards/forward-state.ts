import type { Problem } from '../problem.js'

/** What became of a forward. */
export interface ForwardState {
  /** Tells it from others to the same target. */
  readonly id: string
  /** `service/tour-srv:3000`. */
  readonly target: string
  readonly namespace: string
  /** The service of ours that it leads to, where it is one's. */
  readonly service: string | undefined
  /** `127.0.0.1:3001`; undefined as long as nothing listens. */
  readonly address: string | undefined
  /** Why nothing listens. */
  readonly problem: Problem | undefined
}

/** `127.0.0.1:3001`, `[fd00::1]:3001`. */
export const addressText = (address: string | undefined, port: number): string =>
  address === undefined
    ? `127.0.0.1:${port}`
    : address.includes(':')
      ? `[${address}]:${port}`
      : `${address}:${port}`

/** What a browser opens for the address of a forward. */
export function forwardUrl(address: string): string {
  return `http://${address.replace(/^(127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):/, 'localhost:')}`
}
