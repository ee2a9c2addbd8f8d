import { displayRef, type ObjectRef, refKey } from '../kube-object.js'
import type { Diagnostic, SourceRange } from '../problem.js'

/** One error for each object that is defined more than once, naming both places. */
export function collisions(
  objects: readonly { readonly ref: ObjectRef; readonly source: SourceRange }[],
): readonly Diagnostic[] {
  const first = new Map<string, SourceRange>()
  return objects.flatMap(({ ref, source }): Diagnostic[] => {
    const key = refKey(ref)
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, source)
      return []
    }
    const message = `${displayRef(ref)} is already defined at ${earlier.file}:${earlier.line}`
    return [{ severity: 'error', message, range: source, suggestion: 'keep one of the two' }]
  })
}
