import * as z from 'zod'
import { configSchema } from './schema.js'

/** The JSON schema of `dev.config.yaml`, for editors. Draft 7, which every editor's YAML support reads. */
function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    reused: 'ref',
  })
  return {
    $schema,
    title: 'devloop',
    description: 'dev.config.yaml: the services, manifests and cluster of a devloop project.',
    ...schema,
  }
}

/** The text of `schema.json`. */
export const jsonSchemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`
