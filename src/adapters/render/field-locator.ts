import { readFile } from 'node:fs/promises'
import { fieldPlace } from '../../core/manifest/field-place.js'
import type { FieldLocator } from '../../ports/field-locator.js'

/** Looks into the file that an object comes from. A file that cannot be read any more has nothing to tell. */
export const locateField: FieldLocator = async (object, path) => {
  try {
    return fieldPlace({ file: object.file, text: await readFile(object.file, 'utf8') }, object, path)
  } catch {
    return undefined
  }
}
