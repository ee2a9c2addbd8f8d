import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'

export async function schema(io: CommandIo): Promise<CommandEnd> {
  const { jsonSchemaText } = await import('../../config/json-schema.js')
  io.stdout.write(jsonSchemaText())
  return 0
}
