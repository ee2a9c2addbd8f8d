import * as z from 'zod'
import { createProgram } from '../../src/cli/create-program.js'
import type { CommandIo } from '../../src/cli/io.js'
import { configSchema } from '../../src/config/schema.js'
import { commandReference } from './command-reference.js'
import { configExamples } from './config-examples.js'
import { configReference } from './config-reference.js'
import type { JsonSchema } from './schema-fields.js'

/** The pages that are made from the code, by their file's name in docs/. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'config.md': configReference(configJsonSchema(), configExamples),
    'cli.md': commandReference(createProgram(io, [], async () => {})),
  }
}

/** Of a process that is not there: nothing is run. */
const io: CommandIo = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  env: {},
  cwd: '/',
  platform: 'linux',
  home: '/',
  onInterrupt: () => () => {},
}

export const configJsonSchema = (): JsonSchema =>
  z.toJSONSchema(configSchema, { io: 'input' }) as unknown as JsonSchema
