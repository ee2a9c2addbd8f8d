/** The part of JSON Schema that Zod makes of our schema. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** One key of a config file. */
export interface Field {
  /** Keys from the top with dots; `*` stands for a name that people choose. A list adds nothing to the path. */
  readonly path: string
  /** What it takes, in words. */
  readonly takes: string
  readonly description: string
  /** Of a mapping with the same keys as one before: the path of that one. Its own keys are not listed again. */
  readonly as?: string
}

/** Mappings with fewer keys than that are listed wherever they are. */
const WORTH_A_REFERENCE = 5

/** Every key below a schema, in the order of the schema, each path once. */
export function fieldsOf(schema: JsonSchema): readonly Field[] {
  const fields = new Map<string, Field>()
  const seen = new Map<string, string>()
  const visit = (of: JsonSchema, path: string): void => {
    for (const shape of shapesOf(of)) {
      for (const [key, value] of Object.entries(shape.properties ?? {})) {
        // A profile may have every key of the config, told at its own place.
        if (path === 'profiles.*' && schema.properties?.[key] !== undefined) continue
        const below = path === '' ? key : `${path}.${key}`
        const earlier = referenceFor(value, below, seen)
        const { description = '' } = value
        if (!fields.has(below)) {
          const as = earlier === undefined || earlier === below ? {} : { as: earlier }
          fields.set(below, { path: below, takes: wordsFor(value), description, ...as })
        }
        if (earlier === undefined || earlier === below) visit(value, below)
      }
      if (typeof shape.additionalProperties === 'object') visit(shape.additionalProperties, `${path}.*`)
    }
  }
  visit(schema, '')
  return [...fields.values()]
}

/** The schema itself with its alternatives and, of a list, what is in it. */
function shapesOf(schema: JsonSchema): readonly JsonSchema[] {
  return [
    schema,
    ...(schema.anyOf ?? []).flatMap(shapesOf),
    ...(schema.items === undefined ? [] : shapesOf(schema.items)),
  ]
}

/** The path at which a large mapping with these keys was first, which may be this one; undefined for what is no such mapping. */
function referenceFor(schema: JsonSchema, path: string, seen: Map<string, string>): string | undefined {
  const shape = shapesOf(schema).find(
    ({ properties = {} }) => Object.keys(properties).length >= WORTH_A_REFERENCE,
  )
  if (shape === undefined) return undefined
  const key = Object.keys(shape.properties ?? {}).join()
  if (!seen.has(key)) seen.set(key, path)
  return seen.get(key)
}

/** What a schema takes, as a person would say it. */
export function wordsFor(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(wordsFor))].join(', or ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${String(value)}\``).join(', ')
  if (Array.isArray(schema.type)) return schema.type.map(typeWord).join(', or ')
  if (schema.type === 'array')
    return `list${schema.items === undefined ? '' : ` of: ${wordsFor(schema.items)}`}`
  if (typeof schema.additionalProperties === 'object')
    return `names, each with: ${wordsFor(schema.additionalProperties)}`
  return typeWord(String(schema.type))
}

function typeWord(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    boolean: 'true or false',
    integer: 'whole number',
    number: 'number',
    object: 'mapping',
    null: 'nothing',
  }
  return words[type] ?? type
}
