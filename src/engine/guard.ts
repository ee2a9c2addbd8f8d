import type { Store } from './store.js'

/** Runs one part of a session: a defect in it becomes a `bug` problem that a person sees, and costs the other parts nothing. */
export type Guard = (where: string, part: () => unknown) => void

/** The same defect is told once, however often the part is asked again. */
export function createGuard(store: Pick<Store, 'dispatch'>): Guard {
  const told = new Set<string>()
  const tell = (where: string, error: unknown): void => {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
    const id = `${where}: ${message}`
    if (told.has(id)) return
    told.add(id)
    store.dispatch({
      type: 'effect-crashed',
      run: 0,
      problem: { kind: 'bug', where, message, ...(stack === undefined ? {} : { stack }) },
    })
  }
  return (where, part) => {
    try {
      const done = part()
      if (done instanceof Promise) done.catch((error: unknown) => tell(where, error))
    } catch (error) {
      tell(where, error)
    }
  }
}
