import { type AcceptLine, acceptLine, matchLine } from './accept-line.js'
import type { LogController, LogControllerOptions, LogFrame } from './api.js'
import { parseFilter } from './line-filter.js'
import { createLineRenderer } from './line-renderer.js'
import { type LogCommand, logCommand, splitInput } from './log-keys.js'
import {
  beginSearch,
  type Direction,
  findMatch,
  isSearched,
  type LogSearch,
  searchSlice,
} from './log-search.js'
import { logStatus } from './log-status.js'
import {
  INITIAL_LOG_VIEW,
  type LogAction,
  type LogTop,
  type LogViewState,
  reduceLogView,
} from './log-view.js'
import { indexOf, moveTop, type Viewport, viewportAtEnd, viewportFrom } from './log-viewport.js'
import { followEnd, growNewer, growOlder, type LogWindow, SLICE, trimWindow, windowAt } from './log-window.js'

/**
 * Milliseconds between two redraws for lines that come. Keys are drawn at once, at most every 50 ms by Ink's `maxFps`: so most find Ink free even
 * under load.
 */
const DRAW_EVERY = 100

/**
 * The same where more lines came than the screen has rows: nobody reads what passes whole, and a frame is the dearest thing that this program does, after
 * which a key has to wait.
 */
const DRAW_FLOOD_EVERY = 250

const NO_FRAME: LogFrame = { rows: [], status: { follow: true, newLines: 0, chips: [], busy: false } }

/** Holds a view of a store. See `LogController`. */
export function createLogController(options: LogControllerOptions): LogController {
  const { store, clock, theme, services = [], ignore = [] } = options
  let state: LogViewState = { ...INITIAL_LOG_VIEW, ...options.initial }
  let width = 0
  let height = 0
  let accept: AcceptLine = acceptLine(state, ignore)
  let window: LogWindow = windowAt(store.end)
  /** Lines of this view that came while it does not follow, counted up to `at`. */
  let unseen = { since: store.end, at: store.end, count: 0 }
  /** Up to where the view has followed. */
  let followed = store.end
  /** Rows still to scroll. */
  let scroll = 0
  let search: LogSearch | undefined
  let pattern: RegExp | undefined
  let find: Direction | 'first' | undefined
  let frame = NO_FRAME
  let busy = false
  let drawnAt = Number.NEGATIVE_INFINITY
  /** The end of the store when a frame was drawn last. */
  let drawnTo = store.end
  let timer: { readonly due: number; readonly cancel: () => void } | undefined
  let disposed = false
  const listeners = new Set<() => void>()
  const renderer = createLineRenderer(services)

  const source = () => ({ store, accept })
  const configure = () => {
    const typed = state.input?.kind === 'search' ? state.input.text : state.search
    const parsed = parseFilter(typed, { terms: false })
    pattern = parsed.ok ? parsed.value.terms[0]?.pattern : undefined
    const { wrap, left, raw, timestamps, match } = state
    const zone = options.utcOffset === undefined ? {} : { utcOffset: options.utcOffset }
    const found = pattern === undefined ? {} : { search: pattern }
    renderer.configure(
      {
        width: Math.max(1, width),
        wrap,
        left,
        raw,
        timestamps,
        color: theme.color,
        now: clock.now(),
        ...zone,
        ...found,
      },
      match,
    )
  }
  const viewport = (): Viewport | undefined => {
    renderer.nameSources(window.lines)
    if (state.position.kind === 'follow') return viewportAtEnd(window.lines, height, renderer.rowCount)
    return viewportFrom(window.lines, state.position.top, height, renderer.rowCount)
  }
  const hold = (top: LogTop) => {
    if (state.position.kind === 'follow') unseen = { since: followed, at: followed, count: 0 }
    state = reduceLogView(state, { type: 'hold', top })
  }
  const holdHere = (): LogTop => {
    const top =
      state.position.kind === 'held' ? state.position.top : (viewport()?.top ?? { seq: store.end, row: 0 })
    hold(top)
    return top
  }
  const follow = () => {
    scroll = 0
    if (window.to < store.end) window = windowAt(store.end)
    state = reduceLogView(state, { type: 'follow' })
  }
  const reread = () => {
    accept = acceptLine(state, ignore)
    window = windowAt(state.position.kind === 'held' ? state.position.top.seq : store.end)
    unseen = { ...unseen, at: unseen.since, count: 0 }
    renderer.forgetNames()
  }
  const beginFinding = () => {
    const parsed = parseFilter(state.search, { terms: false })
    const there = parsed.ok && parsed.value.terms.length > 0
    const last = window.lines[viewport()?.last ?? -1]
    search = there ? beginSearch(last === undefined ? store.end : last.seq + 1) : undefined
    find = there ? 'first' : undefined
  }

  const goTo = (seq: number) => {
    state = reduceLogView(state, { type: 'matched', seq })
    find = undefined
    const seen = viewport()
    const at = indexOf(window.lines, seq)
    const there = window.lines[at]?.seq === seq
    if (there && seen !== undefined && at >= seen.first && at <= seen.last) {
      // What is followed would leave the screen before it was read.
      holdHere()
      return
    }
    if (!there) window = windowAt(seq)
    hold({ seq, row: 0 })
    scroll = -Math.floor(height / 2)
  }
  const resolveFind = (searched: LogSearch) => {
    if (find === undefined) return
    const { end } = store
    if (find === 'first') {
      const first = searched.older[0] ?? (searched.olderDone ? searched.newer[0] : undefined)
      if (first !== undefined) goTo(first)
      else if (isSearched(searched, end)) find = undefined
      return
    }
    const seen = viewport()
    const at = state.match === undefined ? -1 : indexOf(window.lines, state.match)
    // On the way to a match, the next one is counted from there.
    const onScreen = scroll !== 0 || seen === undefined || (at >= seen.first && at <= seen.last)
    const top = seen?.top.seq ?? end
    const from = onScreen && state.match !== undefined ? state.match : find === 'next' ? top - 1 : top
    const found = findMatch(searched, find, from, end)
    if (typeof found === 'number') goTo(found)
    else if (found === 'none') find = undefined
  }
  const workSearch = (): boolean => {
    if (search === undefined || pattern === undefined) return false
    if (!isSearched(search, store.end)) {
      const found = matchLine(pattern)
      const both: AcceptLine = line => accept(line) && found(line)
      search = searchSlice(search, { store, accept: both }, find === 'next' ? 'next' : 'previous')
    }
    resolveFind(search)
    return !isSearched(search, store.end)
  }
  const workFollow = (): boolean => {
    window = followEnd(window, source(), height)
    followed = window.to
    const count = window.lines.length
    window = trimWindow(window, count - height, count - 1, height)
    if (window.to < store.end) return true
    const short = () => (viewport()?.rows ?? 0) < height && !window.oldest
    if (short()) window = growOlder(window, source(), height)
    return short()
  }
  const workHeld = (top: LogTop): boolean => {
    const { end } = store
    if (unseen.at < end) {
      let { count } = unseen
      const counting: AcceptLine = line => {
        if (accept(line)) count++
        return false
      }
      const { next } = store.after(unseen.at, { accept: counting, limit: 1, budget: SLICE })
      unseen = { ...unseen, at: next, count }
    }
    renderer.nameSources(window.lines)
    let seen = viewport()
    if ((seen?.rows ?? 0) < height && window.to < end) {
      window = growNewer(window, source(), height)
      seen = viewport()
    }
    if ((seen?.rows ?? 0) < height && window.to < end) return true
    // The last screen is a full one, as long as there are lines for it.
    const missing = height - (seen?.rows ?? 0)
    const above = !window.oldest || (seen !== undefined && (seen.first > 0 || seen.top.row > 0))
    const rows = scroll !== 0 ? scroll : missing > 0 && above ? -missing : 0
    if (rows !== 0) {
      const from = seen?.top ?? top
      const moved = moveTop(window, from, rows, { source: source(), height, rowCount: renderer.rowCount })
      window = moved.window
      scroll = moved.left
      if (moved.end) follow()
      else state = reduceLogView(state, { type: 'hold', top: moved.top })
    }
    const now = viewport()
    if (now !== undefined) window = trimWindow(window, now.first, now.last, height)
    return scroll !== 0 || unseen.at < end
  }
  const workView = () => (state.position.kind === 'follow' ? workFollow() : workHeld(state.position.top))

  const draw = () => {
    const seen = viewport()
    const shown = seen === undefined ? [] : window.lines.slice(seen.first, seen.last + 1)
    const rows = shown.flatMap(line => renderer.rows(line))
    const skip = seen?.top.row ?? 0
    const next: LogFrame = {
      rows: rows.slice(skip, skip + height),
      status: logStatus(state, { newLines: unseen.count, search, end: store.end, busy }),
    }
    if (sameFrame(next, frame)) return
    frame = next
    drawnAt = clock.now()
    drawnTo = store.end
    for (const listener of [...listeners]) listener()
  }
  /** Milliseconds until the next redraw for lines that come. */
  const untilDraw = (): number => {
    const every = store.end - drawnTo > height ? DRAW_FLOOD_EVERY : DRAW_EVERY
    return drawnAt + every - clock.now()
  }
  const arm = (wait: number) => {
    const due = clock.now() + wait
    if (timer !== undefined && timer.due <= due) return
    timer?.cancel()
    timer = { due, cancel: clock.after(wait, run) }
  }
  const run = () => {
    timer?.cancel()
    timer = undefined
    if (disposed || height === 0) return
    configure()
    const { match } = state
    let working = workView()
    const searching = workSearch()
    if (match !== state.match) {
      // A match was found: it is to be seen, and highlighted otherwise than the rest.
      configure()
      working = workView()
    }
    busy = working || searching
    const wait = untilDraw()
    if (wait <= 0) draw()
    if (busy) arm(0)
    else if (wait > 0) arm(wait)
    else if (state.timestamps === 'relative' && !state.raw && frame.rows.length > 0) arm(1000)
  }
  /** What a key asks for is shown at once: Ink's own `maxFps` bounds how often that reaches the terminal. */
  const answer = () => {
    drawnAt = Number.NEGATIVE_INFINITY
    run()
  }
  const wake = () => {
    const wait = untilDraw()
    if (wait <= 0) run()
    else arm(wait)
  }

  const dispatch = (action: LogAction) => {
    const before = state
    if (action.type === 'follow') follow()
    else if (action.type === 'hold') hold(action.top)
    else state = reduceLogView(state, action)
    if (state === before) return
    configure()
    if (changesLines(before, state)) {
      reread()
      if (search !== undefined) search = beginSearch(store.end)
    }
    const searched = action.type === 'submit' && before.input?.kind === 'search' && state.input === undefined
    if (searched || before.search !== state.search) beginFinding()
    answer()
  }
  const scrollBy = (command: LogCommand & { readonly type: 'scroll' }) => {
    const rows = { line: 1, half: Math.max(1, Math.floor(height / 2)), page: Math.max(1, height - 1) }[
      command.by
    ]
    if (state.position.kind === 'follow') {
      if (command.direction === 1) return
      holdHere()
    }
    scroll += rows * command.direction
    answer()
  }
  const execute = (command: LogCommand) => {
    switch (command.type) {
      case 'do':
        return dispatch(command.action)
      case 'scroll':
        return scrollBy(command)
      case 'top':
        window = { ...windowAt(store.first), oldest: true }
        hold({ seq: store.first, row: 0 })
        scroll = 0
        return answer()
      case 'hold':
        holdHere()
        return answer()
      case 'find':
        find = command.direction
        if (search !== undefined) resolveFind(search)
        return answer()
      case 'nothing':
    }
  }
  const unsubscribe = store.subscribe(wake)
  if (state.search !== '') {
    configure()
    beginFinding()
  }
  return {
    get state() {
      return state
    },
    handleKey(input, key) {
      let taken = false
      for (const one of splitInput(input, key)) {
        const command = logCommand(state, one.input, one.key)
        if (command === undefined) continue
        execute(command)
        taken = true
      }
      return taken
    },
    dispatch,
    select: selection => dispatch({ type: 'select', selection }),
    resize(columns, rows) {
      if (columns === width && rows === height) return
      width = columns
      height = rows
      answer()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    snapshot: () => frame,
    dispose() {
      disposed = true
      timer?.cancel()
      timer = undefined
      unsubscribe()
      listeners.clear()
    },
  }
}

/** Whether the view has other lines now, not only another look. */
function changesLines(a: LogViewState, b: LogViewState): boolean {
  return (
    a.selection !== b.selection ||
    a.containers !== b.containers ||
    a.filter !== b.filter ||
    a.level !== b.level ||
    a.ignored !== b.ignored
  )
}

function sameFrame(a: LogFrame, b: LogFrame): boolean {
  if (a.rows.length !== b.rows.length || a.rows.some((row, index) => row !== b.rows[index])) return false
  return JSON.stringify(a.status) === JSON.stringify(b.status)
}
