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
  if (value.value === null) return mapping({ env: scalar(name, value) }, value)
  const expanded = expandTemplate(value.text, variable => translation.env[variable])
  if (expanded.kind === 'variable')
    return mapping(
      {
        env: scalar(expanded.name, value),
        default: expanded.default === undefined ? undefined : scalar(expanded.default, value),
      },
      value,
    )
  if (!value.text.includes('{{')) return scalar(value.value, value)
  const text = evaluatedText(value, value.text, translation)
  return text === undefined ? undefined : scalar(text, value)
}
