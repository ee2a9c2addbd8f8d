import type { Key } from 'ink'
import type { Clock } from '../../../ports/clock.js'
import type { LogStore } from '../../../ports/log-store.js'
import type { LogAction, LogSelection, LogViewState } from './log-view.js'

/** A key as Ink's `useInput` gives it; what is absent counts as not pressed. */
export type LogKey = Partial<Key>

export interface LogTheme {
  /** False (`NO_COLOR`): no colour at all, only bold, dim, underline and inverse. */
  readonly color: boolean
}

export interface LogControllerOptions {
  readonly store: LogStore
  readonly clock: Clock
  readonly theme: LogTheme
  /** All services in the order of the config: the colours go by it, so that they are the same in every session. @default as they speak */
  readonly services?: readonly string[]
  /** `logs.ignore` of the config: matching lines are hidden until asked for. */
  readonly ignore?: readonly RegExp[]
  /** What to begin with, such as the `--grep` of the command line. */
  readonly initial?: Partial<LogViewState>
  /** Minutes to add to UTC for local times. @default the zone of this process, at each line's time */
  readonly utcOffset?: number
}

/** What the pane shows at one moment. The same object until something changes. */
export interface LogFrame {
  /** At most as many as the pane is high, none wider than it; with SGR sequences, each row closed in itself. */
  readonly rows: readonly string[]
  readonly status: LogStatus
}

/** What there is to tell about the view, for `formatLogStatus` or a header of one's own. */
export interface LogStatus {
  readonly follow: boolean
  /** Lines of this view that came since it stopped following. */
  readonly newLines: number
  /** Filters and modes that are on, in few words, such as `level>=warn` or `wrap off`. */
  readonly chips: readonly string[]
  readonly search?: LogSearchStatus
  /** What is being typed. Whether it is decides whose a key is: ask `controller.state.input`, for keys come faster than frames. */
  readonly input?: { readonly kind: 'search' | 'filter'; readonly text: string; readonly problem?: string }
  /** Lines are being looked through for what was asked (a jump, a filter that few lines pass). */
  readonly busy: boolean
}

export interface LogSearchStatus {
  readonly text: string
  /** 1-based place of the current match; 0 where none was reached yet. */
  readonly at: number
  readonly total: number
  /** Not all lines were looked at yet. */
  readonly searching: boolean
  /** More matches than are counted. */
  readonly more: boolean
}

/**
 * Holds the view of a store: feed it keys, sizes and selections, draw `snapshot()` whenever `subscribe`d listeners are called: at most 10 times a
 * second for what is appended (4 times where more passes than fits the screen), and at once after a key (give Ink `maxFps: 20`). While nothing is appended and nobody presses a key no timer runs (relative timestamps apart, which age).
 */
export interface LogController {
  readonly state: LogViewState
  /** Whether the key was taken. While `state.input` is there every key is, Ctrl-C apart. */
  handleKey(input: string, key: LogKey): boolean
  dispatch(action: LogAction): void
  /** Shows only these sources. Keeps the place where possible. */
  select(selection: LogSelection): void
  /** In cells. `LogPane` calls it. */
  resize(width: number, height: number): void
  subscribe(listener: () => void): () => void
  snapshot(): LogFrame
  /** Ends timers and the subscription to the store. */
  dispose(): void
}
