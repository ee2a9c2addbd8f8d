import type { LogOrigin } from '../../core/logs/log-line.js'
import { toLogLine } from '../../core/logs/to-log-line.js'
import type { Clock } from '../../ports/clock.js'
import type { LogStore } from '../../ports/log-store.js'
import { createPlainReporter } from '../plain.js'
import type { Reporter } from '../reporter.js'
import { DEVLOOP_SOURCE } from '../view/ui-state.js'

/** devloop's own lines in the log store: one more source beside the containers. */
export const DEVLOOP_ORIGIN: LogOrigin = {
  service: DEVLOOP_SOURCE,
  namespace: '',
  pod: DEVLOOP_SOURCE,
  podUid: DEVLOOP_SOURCE,
  container: DEVLOOP_SOURCE,
  role: 'app',
  restarts: 0,
}

/**
 * Tells a session into the log store: lines of containers as what they are, all else in the words of `--plain` as lines of devloop, so that the
 * history of saves, builds and problems can be scrolled, searched and filtered like any log.
 */
export function createInkReporter(
  store: Pick<LogStore, 'append'>,
  { clock, verbose }: { readonly clock: Pick<Clock, 'now'>; readonly verbose: boolean },
): Reporter {
  const words = createPlainReporter(
    {
      write: text => {
        for (const line of text.split('\n')) if (line !== '') append(line)
      },
    },
    { colour: false, verbose },
  )
  const append = (line: string): void => {
    const time = new Date(clock.now()).toISOString()
    store.append({ origin: DEVLOOP_ORIGIN, kind: 'line', time, text: withoutColumn(line) })
  }
  return {
    tell: announcement => {
      const line = toLogLine(announcement, clock.now())
      if (line === undefined) words.tell(announcement)
      else store.append(line)
    },
  }
}

/** `tour         │ ✓ live` as `tour: ✓ live`: the column in front is the log view's. */
function withoutColumn(line: string): string {
  const [, who = '', text = line] = /^(.*?)\s*│ (.*)$/.exec(line) ?? []
  return who === '' || who === DEVLOOP_SOURCE ? text : `${who}: ${text}`
}
