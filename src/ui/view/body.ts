import type { Row } from './row.js'

/** What lies between the header and the footer. */
export interface Body {
  readonly rows: readonly Row[]
  readonly logs: number
  readonly scrollLimit?: number
  readonly page?: number
  readonly createdAt?: readonly number[]
}
