import type { z } from 'zod'
import type { ConfigPath } from './finding.js'
import { configSchema } from './schema.js'

/** The keys that the schema allows in the mapping at `path`; empty where any key goes, as in `services`. */
export function knownKeys(path: ConfigPath): readonly string[] {
  let schemas: readonly z.core.$ZodType[] = expand(configSchema)
  for (const segment of path) schemas = schemas.flatMap(schema => step(schema, segment)).flatMap(expand)
  return schemas.flatMap(schema => {
    const def = definition(schema)
    return def.type === 'object' ? Object.keys(def.shape) : []
  })
}

const definition = (schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] =>
  (schema as z.core.$ZodTypes)._zod.def

function expand(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = definition(schema)
  if (def.type === 'optional' || def.type === 'nullable') return expand(def.innerType)
  if (def.type === 'union') return def.options.flatMap(expand)
  return [schema]
}

function step(schema: z.core.$ZodType, segment: string | number): readonly z.core.$ZodType[] {
  const def = definition(schema)
  if (def.type === 'record') return [def.valueType]
  if (def.type === 'array') return [def.element]
  const field = def.type === 'object' ? def.shape[String(segment)] : undefined
  return field === undefined ? [] : [field]
}
