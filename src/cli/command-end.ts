import type { Problem } from '../core/problem.js'

/** What a command says of its end: an exit code that it explained itself, or the problem that ended it. */
export type CommandEnd = number | Problem
