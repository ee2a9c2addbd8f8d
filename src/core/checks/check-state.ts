/**
 * Where the asking of an endpoint stands.
 *
 *   asking ──► passed
 *     │  ▲
 *     ▼  └─ due
 *   unready
 */
export type CheckState =
  | {
      readonly kind: 'asking'
      readonly run: number
      /** Of the first question, in milliseconds since the epoch. */
      readonly since: number
      readonly attempts: number
      readonly failure: CheckFailure | undefined
    }
  | {
      readonly kind: 'unready'
      readonly since: number
      readonly attempts: number
      readonly failure: CheckFailure
      readonly due: boolean
    }
  | { readonly kind: 'passed' }

/** What the last question came to. */
export interface CheckFailure {
  readonly message: string
  /** Whether it had all its time by then. It is asked again all the same. */
  readonly timedOut: boolean
}
