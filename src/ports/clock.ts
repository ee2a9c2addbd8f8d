/** Time, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after that many milliseconds; the returned function cancels it. */
  after(milliseconds: number, callback: () => void): () => void
}
