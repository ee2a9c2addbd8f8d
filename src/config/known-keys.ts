import type { ConfigPath } from './finding.js'
import { configSchema } from './schema.js'
import { definition, expand, step } from './schema-walk.js'

/** The keys that the schema allows in the mapping at `path`; empty where any key goes, as in `services`. */
export function knownKeys(path: ConfigPath): readonly string[] {
  let schemas = expand(configSchema)
  for (const segment of path) schemas = schemas.flatMap(schema => step(schema, segment)).flatMap(expand)
  return schemas.flatMap(schema => {
    const def = definition(schema)
    return def.type === 'object' ? Object.keys(def.shape) : []
  })
}
