import { Box, useInput } from 'ink'
import { useSyncExternalStore } from 'react'
import type { State } from '../../../core/state.js'
import type { Clock } from '../../../ports/clock.js'
import { untilNextAge } from '../../view/age.js'
import type { ScreenSize } from '../../view/layout.js'
import { TICK } from '../../view/marks.js'
import type { Screen } from '../../view/screen.js'
import type { LogController } from '../logs/api.js'
import type { AppController } from './controller.js'
import { LogArea } from './log-area.js'
import { Rows } from './rows.js'
import type { ScreenMaker } from './screen-maker.js'
import type { Theme } from './theme.js'
import type { Source } from './throttled-source.js'
import { useTick } from './use-tick.js'

export interface AppProps {
  readonly states: Source<State>
  readonly size: Source<ScreenSize>
  readonly controller: AppController
  readonly logs: LogController
  readonly screen: ScreenMaker
  readonly theme: Theme
  readonly color: boolean
  readonly clock: Clock
}

/** The screen of `devloop up`: what the session's state and the person's keys make of it. It starts nothing by itself. */
export function App({ states, size, controller, logs, screen, theme, color, clock }: AppProps) {
  const state = useSource(states)
  const ui = useSource(controller)
  const { columns, rows } = useSource(size)
  const shown = screen(state, ui, { columns, rows })
  useTick(clock, nextTick(shown, clock.now()))
  useInput((input, key) => controller.handleKey(input, key))
  return (
    <Box flexDirection="column" width={columns}>
      <Rows rows={shown.above} columns={columns} theme={theme} />
      {shown.logs > 1 && (
        <LogArea logs={logs} ui={ui} theme={theme} color={color} columns={columns} rows={shown.logs} />
      )}
      <Rows rows={shown.below} columns={columns} theme={theme} />
    </Box>
  )
}

const useSource = <T,>({ subscribe, get }: Source<T>): T => useSyncExternalStore(subscribe, get)

/** Milliseconds until the screen says something else without anything having happened: a clock runs, or a pod comes of age. */
function nextTick({ isMoving, createdAt }: Screen, now: number): number | undefined {
  if (isMoving) return TICK
  return createdAt.length === 0 ? undefined : Math.min(...createdAt.map(at => untilNextAge(now - at)))
}
