import type { Intent } from '../../../core/intent.js'
import type { State } from '../../../core/state.js'

/** The part of a session that the screen reads and acts on. */
export interface AppSession {
  getState(): State
  subscribe(listener: () => void): () => void
  act(intent: Intent): void
  prune(keys: readonly string[]): void
}

/** What the screen asks for outside the session. What a promise resolves with is told in the last row. */
export interface AppActions {
  /** The person wants to leave; `down`: what `up` created is to go too. */
  quit(options: { readonly down: boolean }): void
  openUrl(url: string): Promise<ActionEnd>
  /** A shell in the service's container: the screen is the shell's until it ends. */
  shell(service: string): Promise<ActionEnd>
}

export interface ActionEnd {
  readonly ok: boolean
  /** Empty where there is nothing to say. */
  readonly message: string
}
