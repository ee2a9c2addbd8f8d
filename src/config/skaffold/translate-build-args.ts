import { type ConfigNode, mapping, scalar } from './config-node.js'
import { fieldsOf, type SourceNode } from './source-node.js'
import { expandTemplate } from './template.js'
import { evaluatedText, type Translation } from './translation.js'

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Build arguments: `{{.NAME}}` and an argument without a value come from the environment, as the config has `{ env: NAME }`. */
export function translateBuildArgs(
  node: SourceNode | undefined,
  translation: Translation,
): ConfigNode | undefined {
  const args = fieldsOf(node).flatMap(([name, value]): readonly (readonly [string, ConfigNode])[] => {
    if (!VARIABLE.test(name)) {
      translation.report(value, 'not', `"${name}" is no name that an ARG can have`)
      return []
    }
    const made = argument(name, value, translation)
    return made === undefined ? [] : [[name, made]]
  })
  return args.length === 0 ? undefined : mapping(Object.fromEntries(args), node)
}

function argument(name: string, value: SourceNode, translation: Translation): ConfigNode | undefined {
  if (value.kind !== 'scalar') {
    translation.report(value, 'not', 'the value of a build argument is a text')
    return undefined
  }
  if (value.value === null) return variable(name, undefined, { value, translation })
  const expanded = expandTemplate(value.text, variable => translation.env[variable])
  if (expanded.kind === 'variable') return variable(expanded.name, expanded.default, { value, translation })
  if (!value.text.includes('{{')) return scalar(value.value, value)
  const text = evaluatedText(value, value.text, translation)
  return text === undefined ? undefined : scalar(text, value)
}

function variable(
  name: string,
  fallback: string | undefined,
  { value, translation }: { readonly value: SourceNode; readonly translation: Translation },
): ConfigNode {
  const standing = translation.defaults[name] ?? fallback
  return mapping(
    { env: scalar(name, value), default: standing === undefined ? undefined : scalar(standing, value) },
    value,
  )
}
