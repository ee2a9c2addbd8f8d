import { memo } from './memo.js'
import type { State } from './state.js'

/**
 * The objects with their keys. A dozen questions of one state go through all of them, for every event: in a project of a thousand objects, taking them out of the
 * record is what those questions would cost most.
 */
export const objectEntries = memo((objects: State['objects']) => Object.entries(objects))
