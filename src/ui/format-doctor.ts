import { styleText } from 'node:util'
import type { Finding, FindingState } from '../core/doctor/finding.js'
import { cleanText } from './clean-text.js'

const MARKS: Readonly<Record<FindingState, { readonly mark: string; readonly colour: Colour }>> = {
  ok: { mark: '✓', colour: 'green' },
  warning: { mark: '!', colour: 'yellow' },
  failure: { mark: '✗', colour: 'red' },
  unknown: { mark: '–', colour: 'gray' },
}

type Colour = 'green' | 'yellow' | 'red' | 'gray'

/** Findings as `devloop doctor` prints them: a line for each, and below it what to do. */
export function formatDoctor(
  findings: readonly Finding[],
  { colour }: { readonly colour: boolean },
): readonly string[] {
  const width = Math.max(...findings.map(({ check }) => check.length))
  return findings.flatMap(({ check, state, text, remedies }) => {
    const { mark, colour: style } = MARKS[state]
    const shown = colour ? styleText(style, mark, { validateStream: false }) : mark
    return [
      `${shown} ${check.padEnd(width)}  ${oneLine(text)}`,
      ...remedies.map(remedy => `  ${' '.repeat(width)}  → ${oneLine(remedy)}`),
    ]
  })
}

const oneLine = (text: string): string => cleanText(text).replace(/\s*\n\s*/g, ' ')
