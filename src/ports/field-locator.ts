import type { FieldPath } from '../core/ownership/field-path.js'
import type { SourceRange } from '../core/problem.js'

/** Finds where a field of an object is written, by the place of the object. Undefined where the file does not have it, as after a patch. */
export type FieldLocator = (object: SourceRange, path: FieldPath) => Promise<SourceRange | undefined>
