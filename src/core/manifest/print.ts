import { Document, Scalar, type ScalarTag, visit } from 'yaml'
import type { KubeObject } from '../kube-object.js'
import { stringifyJson } from './json.js'
import { resolvePlainScalar } from './plain-scalar.js'

/** Nothing is written with this tag; its test makes the writer quote every string that kubectl would read as something else. */
const quoteForKubectl: ScalarTag = {
  tag: 'tag:yaml.org,2002:null',
  default: true,
  identify: () => false,
  test: { test: (text: string) => isAmbiguous(text) } as RegExp,
  resolve: () => null,
}

// go-yaml refuses control characters and takes U+0085, U+2028 and U+2029 for line ends, where the writer takes them for letters.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/
/** Those that the writer leaves as they are even within double quotes, which is where all of them are by then. */
const UNESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function isAmbiguous(text: string): boolean {
  if (text === '<<') return true
  try {
    return typeof resolvePlainScalar(text) !== 'string'
  } catch {
    return true
  }
}

/**
 * Objects as text that kubectl reads back as the same objects: YAML documents, or a JSON List. Secrets are printed as they are, for this is
 * what would be applied.
 */
export function printObjects(objects: readonly KubeObject[], format: 'yaml' | 'json'): string {
  if (format === 'json') {
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    const text = stringifyJson(list)
    // JSON.parse would round the integers that a double cannot hold.
    return hasBigInt(list) ? `${text}\n` : `${JSON.stringify(list, null, 2)}\n`
  }
  return objects.map(object => `---\n${printFields(object)}`).join('')
}

/** Fields as one YAML document without a marker, so that kubectl reads them back as they are. */
export function printFields(fields: Readonly<Record<string, unknown>>): string {
  const document = new Document(fields, {
    version: '1.1',
    merge: false,
    // Without the tag for merge keys: objects have none, so a key `<<` is a key like any other.
    customTags: tags => [
      quoteForKubectl,
      ...tags.filter(tag => typeof tag === 'string' || !tag.tag.endsWith(':merge')),
    ],
    aliasDuplicateObjects: false,
  })
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && UNPRINTABLE.test(scalar.value))
        scalar.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0, directives: false }).replace(UNESCAPED, escaped)
}

function hasBigInt(value: unknown): boolean {
  if (typeof value === 'bigint') return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBigInt)
}
