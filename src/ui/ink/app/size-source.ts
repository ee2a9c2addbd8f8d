import type { ScreenSize } from '../../view/layout.js'
import type { Source } from './throttled-source.js'

/** The size of a terminal, as it changes. */
export function sizeSource(
  stdout: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'on' | 'off'>,
): Source<ScreenSize> {
  const read = (): ScreenSize => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 })
  let size = read()
  return {
    get: () => {
      const now = read()
      if (now.columns !== size.columns || now.rows !== size.rows) size = now
      return size
    },
    subscribe: listener => {
      stdout.on('resize', listener)
      return () => stdout.off('resize', listener)
    },
  }
}
