import type { CommandIo } from '../io.js'
import type { CommandEnd } from '../run.js'

export async function schema(io: CommandIo): Promise<CommandEnd> {
  const { jsonSchemaText } = await import('../../config/json-schema.js')
  io.stdout.write(jsonSchemaText())
  return 0
}
