import * as z from 'zod'

/** Schemas of texts that are paths relative to the config file that they are written in. */
export const filePaths = z.registry<Readonly<Record<never, never>>>()

export const definition = (schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] =>
  (schema as z.core.$ZodTypes)._zod.def

/** What a schema allows, without what makes it optional. */
export function expand(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = definition(schema)
  if (def.type === 'optional' || def.type === 'nullable') return expand(def.innerType)
  if (def.type === 'union') return def.options.flatMap(expand)
  return [schema]
}

/** The schemas of a mapping's or list's child. */
export function step(schema: z.core.$ZodType, segment: string | number): readonly z.core.$ZodType[] {
  const def = definition(schema)
  if (def.type === 'record') return [def.valueType]
  if (def.type === 'array') return [def.element]
  const field = def.type === 'object' ? def.shape[String(segment)] : undefined
  return field === undefined ? [] : [field]
}
