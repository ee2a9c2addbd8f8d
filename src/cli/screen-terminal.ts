import type { CommandIo, TerminalIo } from './io.js'

/**
 * The terminal that `up` shows its screen on; undefined where it prints lines: they were asked for, there is no terminal or a dumb one, nobody
 * looks at it (CI), or a screen reader reads it.
 */
export function screenTerminal(
  { terminal, env }: Pick<CommandIo, 'terminal' | 'env'>,
  options: { readonly plain?: true; readonly json?: true; readonly once?: true },
): TerminalIo | undefined {
  const asksForLines = options.plain === true || options.json === true || options.once === true
  // Where one of these is set Ink draws nothing but its last frame.
  const isCi = isSet(env.CI) || isSet(env.CONTINUOUS_INTEGRATION)
  const isReadAloud = env.INK_SCREEN_READER === 'true' || env.INK_SCREEN_READER === '1'
  return asksForLines || isCi || isReadAloud || env.TERM === 'dumb' ? undefined : terminal
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== '0' && value !== 'false'
