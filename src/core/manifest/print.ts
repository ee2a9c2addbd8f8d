import { Document, type ScalarTag } from 'yaml'
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
  return objects
    .map(object => {
      const document = new Document(object, {
        version: '1.1',
        merge: false,
        // Without the tag for merge keys: objects have none, so a key `<<` is a key like any other.
        customTags: tags => [
          quoteForKubectl,
          ...tags.filter(tag => typeof tag === 'string' || !tag.tag.endsWith(':merge')),
        ],
        aliasDuplicateObjects: false,
      })
      return `---\n${document.toString({ lineWidth: 0, directives: false })}`
    })
    .join('')
}

function hasBigInt(value: unknown): boolean {
  if (typeof value === 'bigint') return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBigInt)
}
