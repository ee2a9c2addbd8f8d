import { readFile } from 'node:fs/promises'
import { closest } from 'fastest-levenshtein'
import { symptoms } from '../../core/explain/anchors.js'
import { section } from '../../core/explain/section.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { packageFile } from '../package-file.js'

/** Prints what the docs say of a problem by its name, or the names of all. */
export async function explainProblem(io: CommandIo, name: string | undefined): Promise<CommandEnd> {
  const names = Object.keys(symptoms)
  if (name === undefined) {
    const width = Math.max(...names.map(({ length }) => length))
    io.stdout.write(
      Object.entries(symptoms)
        .map(([anchor, symptom]) => `${anchor.padEnd(width)}  ${symptom}\n`)
        .join(''),
    )
    return 0
  }
  const text = names.includes(name)
    ? section(await readFile(packageFile('docs/troubleshooting.md'), 'utf8'), name)
    : undefined
  if (text === undefined)
    return {
      kind: 'usage-invalid',
      message: `there is no problem named ${name}`,
      hint: `Did you mean ${closest(name, names)}? "devloop explain" lists all.`,
    }
  io.stdout.write(`${text}\n`)
  return 0
}
