import { Box, Transform } from 'ink'
import { type ReactNode, useLayoutEffect, useSyncExternalStore } from 'react'
import type { LogController, LogFrame } from './api.js'

export interface LogPaneProps {
  readonly controller: LogController
  /** In cells. */
  readonly width: number
  readonly height: number
}

/** The present frame of a controller; draws again when it changes. */
export function useLogFrame(controller: LogController): LogFrame {
  return useSyncExternalStore(controller.subscribe, controller.snapshot)
}

/** The rows of a log view, and nothing beside them. Keys go to the controller by whoever mounts it. */
export function LogPane({ controller, width, height }: LogPaneProps): ReactNode {
  useLayoutEffect(() => controller.resize(width, height), [controller, width, height])
  const { rows } = useLogFrame(controller)
  return <Rows rows={rows} width={width} height={height} />
}

interface RowsProps {
  readonly rows: readonly string[]
  readonly width: number
  readonly height: number
}

/**
 * Rows that are laid out already. Ink 6 remembers every text that it ever measured, so what it measures here is the same blank text each
 * time, and the rows are put in its place while it draws.
 */
export function Rows({ rows, width, height }: RowsProps): ReactNode {
  if (height < 1) return null
  return (
    <Box width={width} height={height} flexShrink={0}>
      <Transform transform={(_blank, index) => rows[index] ?? ''}>{'\n'.repeat(height - 1) || ' '}</Transform>
    </Box>
  )
}
