import { memo } from 'react'
import type { Row } from '../../view/row.js'
import { Rows as DrawnRows } from '../logs/log-pane.js'
import type { Theme } from './theme.js'

/** Rows that are as wide as the screen already. */
export const Rows = memo(function Rows({
  rows,
  columns,
  theme,
}: {
  readonly rows: readonly Row[]
  readonly columns: number
  readonly theme: Theme
}) {
  return <DrawnRows rows={rows.map(theme.paint)} width={columns} height={rows.length} />
})
