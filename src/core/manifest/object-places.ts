import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from 'yaml'
import type { KubeObject } from '../kube-object.js'
import type { SourceRange } from '../problem.js'
import { rangeFinder } from './source-location.js'

/** Where an object, or a patch of one, is written. */
export interface ObjectPlace {
  readonly kind: string
  readonly name: string
  readonly range: SourceRange
}

export interface PlacesInText {
  readonly places: readonly ObjectPlace[]
  /** Every image that is named anywhere in it. */
  readonly images: readonly string[]
}

/** The objects and patches of a text that others render, by kind and name. What is no YAML has none: who renders it says so. */
export function placesIn({ file, text }: { readonly file: string; readonly text: string }): PlacesInText {
  const lines = new LineCounter()
  const find = rangeFinder({ file, text, lines })
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  })
  const places: ObjectPlace[] = []
  const images: string[] = []
  const add = (node: unknown): void => {
    if (!isMap(node)) return
    const items = node.get('items', true)
    if (isSeq(items)) for (const item of items.items) add(item)
    const kind = textOf(node.get('kind', true))
    const metadata = node.get('metadata', true)
    const name = isMap(metadata) ? textOf(metadata.get('name', true)) : undefined
    const start = node.range?.[0] ?? 0
    if (kind !== undefined && name !== undefined) places.push({ kind, name, range: find(start, start).range })
  }
  for (const document of Array.isArray(documents) ? documents : []) {
    add(document.contents)
    visit(document, {
      Pair(_, { key, value }) {
        if (textOf(key) === 'image') images.push(...textsOf(value))
      },
      // An operation of a JSON patch.
      Map(_, map) {
        const path = textOf(map.get('path', true))
        if (path?.endsWith('/image') === true) images.push(...textsOf(map.get('value', true)))
      },
    })
  }
  return { places, images }
}

/**
 * The place of a rendered object: of its kind and very name, else of its kind and the longest name that is part of its own, for prefixes,
 * suffixes and hashes are put around names. Earlier places win.
 */
export function placeOf(object: KubeObject, places: readonly ObjectPlace[]): SourceRange | undefined {
  const { name } = object.metadata
  const same = places.filter(place => place.kind === object.kind && name.includes(place.name))
  const exact = same.find(place => place.name === name)
  const longest = same.reduce<ObjectPlace | undefined>(
    (best, place) => (best === undefined || place.name.length > best.name.length ? place : best),
    undefined,
  )
  return (exact ?? longest)?.range
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined
}

function textsOf(node: unknown): readonly string[] {
  const text = textOf(node)
  return text === undefined || text === '' ? [] : [text]
}
