import { whereToRead } from '../core/explain/explanation.js'
import { explain } from '../core/explain.js'
import type { Problem } from '../core/problem.js'
import { cleanText } from '../ui/clean-text.js'
import type { CommandIo } from './io.js'

/** Writes a problem in words to standard error. */
export function reportProblem(io: Pick<CommandIo, 'stderr'>, problem: Problem): void {
  const explanation = explain(problem)
  const lines = [
    `devloop: ${explanation.title}`,
    ...explanation.detail.map(line => `  ${line}`),
    ...[...explanation.hints, ...whereToRead(explanation)].map(hint => `  → ${hint}`),
  ]
  io.stderr.write(`${lines.map(cleanText).join('\n')}\n`)
}
