import { Box, useInput, useStdout } from 'ink'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import stringWidth from 'string-width'
import type { LogController, LogKey, LogTheme } from './api.js'
import { shorten } from './lay-out.js'
import { LOG_KEYS, splitInput } from './log-keys.js'
import { LogPane, Rows, useLogFrame } from './log-pane.js'
import { formatLogStatus } from './log-status.js'

export interface LogScreenProps {
  /** Made by whoever mounts the screen, who also disposes of it. */
  readonly controller: LogController
  readonly theme: LogTheme
  /** The services to choose from, in the order of the config. */
  readonly sources: readonly string[]
  /** Said at the left of the status row, such as the project and the cluster. */
  readonly title?: string
  /** `q` or Ctrl-C. */
  readonly onQuit: () => void
  /** The size of the terminal. @default the size of Ink's stdout, also when it changes */
  readonly size?: { readonly columns: number; readonly rows: number }
}

/** The log view on a screen of its own: the lines, one row of state or input, one of keys. One row less than the terminal, see `Rows`. */
export function LogScreen(props: LogScreenProps): ReactNode {
  const { controller, theme, sources, title = '', onQuit } = props
  const own = useTerminalSize()
  const { columns, rows } = props.size ?? own
  const [help, setHelp] = useState(false)
  // Keys come faster than Ink is given a handler that knows the new state.
  const helping = useRef(false)
  const showHelp = (shown: boolean) => {
    helping.current = shown
    setHelp(shown)
  }
  const { status } = useLogFrame(controller)
  const press = (input: string, key: LogKey) => {
    if (key.ctrl && input === 'c') return onQuit()
    // Not that of the frame: keys come faster than frames.
    if (controller.state.input === undefined) {
      if (helping.current && (key.escape || input === 'q' || input === '?')) return showHelp(false)
      if (input === 'q') return onQuit()
      if (input === '?') return showHelp(true)
      if (key.tab)
        return controller.select(nextSelection(controller.state.selection.services, sources, key.shift))
    }
    controller.handleKey(input, key)
  }
  useInput((input, key) => {
    for (const one of splitInput(input, key)) press(one.input, one.key)
  })
  // Ink clears the whole terminal before each frame that is as high as it.
  const height = Math.max(1, rows - 3)
  const left = title === '' ? '' : `${shorten(title, Math.floor(columns / 3))}  `
  const beside = status.input === undefined ? left : ''
  const state = beside + formatLogStatus(status, columns - stringWidth(beside), theme)
  const footer = useMemo(() => hints(columns, sources.length > 1), [columns, sources.length])
  return (
    <Box flexDirection="column" width={columns}>
      {help ? (
        <Rows rows={helpRows(columns, height)} width={columns} height={height} />
      ) : (
        <LogPane controller={controller} width={columns} height={height} />
      )}
      <Rows rows={[state, footer]} width={columns} height={2} />
    </Box>
  )
}

/** All, then each by itself, and round again. */
function nextSelection(
  now: readonly string[] | undefined,
  sources: readonly string[],
  back: boolean | undefined,
): { readonly services?: readonly string[] } {
  const places = sources.length + 1
  const at = now?.length === 1 ? sources.indexOf(now[0] ?? '') + 1 : 0
  const source = sources[((at + (back ? -1 : 1) + places) % places) - 1]
  return source === undefined ? {} : { services: [source] }
}

const HINTS = ['/ search', '& filter', 'L level', 'w wrap', 't time', 'v raw', 'G follow', 'c containers']

/** As many hints as fit; what leads on always does. */
function hints(columns: number, choose: boolean): string {
  const wanted = ['q quit', '? help', ...(choose ? ['Tab service'] : []), ...HINTS]
  let row = ''
  for (const hint of wanted) {
    const next = row === '' ? hint : `${row}  ${hint}`
    if (next.length > columns) break
    row = next
  }
  return row === '' ? '' : `\u001b[2m${row}\u001b[0m`
}

function helpRows(columns: number, height: number): readonly string[] {
  const keys = [...LOG_KEYS, { keys: 'Tab', does: 'next service, all' }, { keys: 'q', does: 'quit' }]
  const widest = Math.max(...keys.map(each => each.keys.length))
  const rows = keys.map(each => shorten(`${each.keys.padEnd(widest)}  ${each.does}`, columns))
  return rows.slice(0, height)
}

function useTerminalSize(): { readonly columns: number; readonly rows: number } {
  const { stdout } = useStdout()
  const [size, setSize] = useState({ columns: stdout.columns || 80, rows: stdout.rows || 24 })
  useEffect(() => {
    const resized = () => setSize({ columns: stdout.columns || 80, rows: stdout.rows || 24 })
    stdout.on('resize', resized)
    return () => {
      stdout.off('resize', resized)
    }
  }, [stdout])
  return size
}
