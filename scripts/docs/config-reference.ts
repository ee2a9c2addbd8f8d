import { type Field, fieldsOf, type JsonSchema, wordsFor } from './schema-fields.js'

const HEAD = `# dev.config.yaml

Every key, made from the schema that checks the file (\`npm run docs\`). Each has a default, and each that is not here is refused with its line. Paths in a table leave out the list
that a mapping may be in, and \`*\` stands for a name of yours. Editors complete and check the file by \`schema.json\`:

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/devloop/schema.json
services:
  auth: {}                      # ./auth/Dockerfile, image "auth"
  tour: { image: pusan/tour }
manifests: k8s
\`\`\`
`

/** The page of the config: for each key of the top its meaning, its example, and the keys below it. */
export function configReference(schema: JsonSchema, examples: Readonly<Record<string, string>>): string {
  const fields = fieldsOf(schema)
  const sections = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const below = fields.filter(({ path }) => path.startsWith(`${key}.`))
    return [
      `## \`${key}\``,
      `${value.description ?? ''} Takes: ${wordsFor(value)}.`,
      ['```yaml', (examples[key] ?? '').trim(), '```'].join('\n'),
      ...(below.length === 0 ? [] : [table(below)]),
    ].join('\n\n')
  })
  return `${[HEAD.trim(), ...sections].join('\n\n')}\n`
}

function table(fields: readonly Field[]): string {
  const rows = fields.map(
    ({ path, takes, description, as }) =>
      `| \`${path}\` | ${cell(as === undefined ? takes : `as \`${as}\``)} | ${cell(description)} |`,
  )
  return ['| key | takes | |', '| --- | --- | --- |', ...rows].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
