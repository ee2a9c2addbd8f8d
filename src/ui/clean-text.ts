import { stripVTControlCharacters } from 'node:util'

/**
 * Text of a program, a server or a file without what a terminal would obey: it could move the cursor, and hide or forge lines. Tabs and line
 * ends stay; whoever prints the text decides what a line is.
 */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}
