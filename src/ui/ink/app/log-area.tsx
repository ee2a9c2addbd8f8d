import { Box } from 'ink'
import { useSyncExternalStore } from 'react'
import stringWidth from 'string-width'
import { fitRow, ruleRow, span } from '../../view/row.js'
import { DEVLOOP_SOURCE, type UiState } from '../../view/ui-state.js'
import type { LogController } from '../logs/api.js'
import { Rows as DrawnRows, LogPane } from '../logs/log-pane.js'
import { formatLogStatus } from '../logs/log-status.js'
import type { Theme } from './theme.js'

export interface LogAreaProps {
  readonly logs: LogController
  readonly ui: UiState
  readonly theme: Theme
  readonly color: boolean
  readonly columns: number
  /** With the rule above the pane. */
  readonly rows: number
}

/** The log pane below a rule that says whose lines it shows, and how. */
export function LogArea({ logs, ui, theme, color, columns, rows }: LogAreaProps) {
  const { status } = useSyncExternalStore(logs.subscribe, logs.snapshot)
  const isTyping = status.input !== undefined
  const told = formatLogStatus(status, isTyping ? columns : Math.floor(columns / 2), { color })
  const room = columns - stringWidth(told) - 1
  const rule = ruleRow([span('logs', 'strong'), span(`  ${whose(ui)}`)], {
    columns: room,
    focused: ui.pane === 'logs' || ui.logsOnly,
  })
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <DrawnRows
        rows={[isTyping ? told : `${theme.paint(fitRow(rule, room))} ${told}`]}
        width={columns}
        height={1}
      />
      <LogPane controller={logs} width={columns} height={rows - 1} />
    </Box>
  )
}

function whose({ focused }: UiState): string {
  if (focused.length === 0) return 'of all'
  return focused[0] === DEVLOOP_SOURCE ? 'what devloop tells' : focused.join(', ')
}
