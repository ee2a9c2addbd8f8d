import { displayRef, type ObjectRef, refKey } from '../kube-object.js'
import type { Diagnostic, SourceRange } from '../problem.js'

interface Defined {
  readonly ref: ObjectRef
  readonly source: SourceRange
  readonly renderer?: string | undefined
}

/** One error for each object that is defined more than once, naming both places. */
export function collisions(objects: readonly Defined[]): readonly Diagnostic[] {
  const first = new Map<string, Defined>()
  return objects.flatMap((object): Diagnostic[] => {
    const { ref, source, renderer } = object
    const key = refKey(ref)
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, object)
      return []
    }
    // Two overlays of one base have their objects from the same line.
    const here = renderer === undefined ? '' : ` of ${renderer}`
    const there = earlier.renderer === undefined ? '' : ` by ${earlier.renderer}`
    const message = `${displayRef(ref)}${here} is already defined at ${earlier.source.file}:${earlier.source.line}${there}`
    return [{ severity: 'error', message, range: source, suggestion: 'keep one of the two' }]
  })
}
