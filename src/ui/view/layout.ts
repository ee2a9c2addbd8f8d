/** The smallest screen on which everything has its place. */
export const SMALLEST = { columns: 60, rows: 15 } as const

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

export const isSmall = ({ columns, rows }: ScreenSize): boolean =>
  columns < SMALLEST.columns || rows < SMALLEST.rows

/** Rows of each part, with the rule above it; 0 for a part that is not there. They add up to what there is. */
export interface Heights {
  readonly services: number
  readonly problems: number
  readonly logs: number
}

/** Rows below which a part says nothing any more. */
const LEAST = { services: 4, problems: 4, logs: 3 } as const

/**
 * Shares rows out. The logs take what the others leave, and get a fair part of it where all want more than there is: of services and problems
 * a person mostly wants the first rows, of the logs all that fit.
 */
export function shareOut(
  rows: number,
  wanted: { readonly services: number; readonly problems: number },
): Heights {
  const hasProblems = wanted.problems > 0
  const problemShare = hasProblems ? Math.max(LEAST.problems, Math.floor(rows * 0.45)) : 0
  const serviceShare = Math.max(LEAST.services, Math.floor(rows * (hasProblems ? 0.35 : 0.55)))
  const problems = Math.min(wanted.problems, problemShare, Math.max(0, rows - LEAST.services - LEAST.logs))
  const services = Math.min(wanted.services, Math.max(serviceShare, 0), rows - problems - LEAST.logs)
  return { services, problems, logs: rows - services - problems }
}
