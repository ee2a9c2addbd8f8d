import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { Diagnostic, SourceRange } from '../problem.js'
import type { ImageRename } from './image-renames.js'
import { type RangeFinder, rangeFinder } from './source-location.js'

/** A path in a kustomization. `resource`: a file with objects, or a folder with another kustomization. */
export interface KustomizationPath {
  readonly path: string
  readonly role: 'resource' | 'component' | 'patch' | 'config' | 'data'
  readonly range: SourceRange
  readonly frame: string
}

export interface Kustomization {
  readonly isComponent: boolean
  readonly paths: readonly KustomizationPath[]
  readonly renames: readonly ImageRename[]
  /** What its generators make: the name is without hash, prefix and suffix. */
  readonly generated: readonly {
    readonly kind: 'ConfigMap' | 'Secret'
    readonly name: string
    readonly range: SourceRange
  }[]
  /** Patches and resources that are written into the kustomization itself. */
  readonly inline: readonly string[]
  /** Why it is no YAML. */
  readonly faults: readonly Diagnostic[]
}

/** What a kustomization reads, renames and generates. What is not as Kustomize wants it is left to Kustomize to say. */
export function readKustomization({
  file,
  text,
}: {
  readonly file: string
  readonly text: string
}): Kustomization {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  })
  const find = rangeFinder({ file, text, lines })
  const top = isMap(document.contents) ? document.contents : undefined
  const reader = new Reader(find)
  if (top !== undefined) reader.read(top)
  return {
    isComponent: textOf(top?.get('kind', true)) === 'Component',
    paths: reader.paths,
    renames: reader.renames,
    generated: reader.generated,
    inline: reader.inline,
    faults: document.errors.map(error => ({
      severity: 'error',
      message: error.message,
      ...find(error.pos[0], error.pos[1]),
    })),
  }
}

class Reader {
  readonly paths: KustomizationPath[] = []
  readonly renames: ImageRename[] = []
  readonly generated: { kind: 'ConfigMap' | 'Secret'; name: string; range: SourceRange }[] = []
  readonly inline: string[] = []
  readonly #find: RangeFinder

  constructor(find: RangeFinder) {
    this.#find = find
  }

  read(top: YAMLMap): void {
    for (const key of ['resources', 'bases']) this.#list(top, key, 'resource')
    this.#list(top, 'components', 'component')
    this.#list(top, 'patchesStrategicMerge', 'patch')
    for (const key of ['crds', 'configurations', 'generators', 'transformers', 'validators'])
      this.#list(top, key, 'config')
    for (const key of ['patches', 'patchesJson6902'])
      for (const patch of mapsIn(top, key)) {
        this.#path(patch.get('path', true), 'patch')
        this.#inline(patch.get('patch', true))
      }
    for (const replacement of mapsIn(top, 'replacements')) this.#path(replacement.get('path', true), 'config')
    const openapi = top.get('openapi', true)
    if (isMap(openapi)) this.#path(openapi.get('path', true), 'config')
    this.#generators(top, 'configMapGenerator', 'ConfigMap')
    this.#generators(top, 'secretGenerator', 'Secret')
    for (const chart of mapsIn(top, 'helmCharts')) {
      this.#path(chart.get('valuesFile', true), 'data')
      this.#list(chart, 'additionalValuesFiles', 'data')
    }
    for (const image of mapsIn(top, 'images')) {
      const field = (key: string): string | undefined => textOf(image.get(key, true))
      const name = field('name')
      const [newName, newTag, digest] = [field('newName'), field('newTag'), field('digest')]
      if (name === undefined) continue
      this.renames.push({
        name,
        ...(newName === undefined ? {} : { newName }),
        ...(newTag === undefined ? {} : { newTag }),
        ...(digest === undefined ? {} : { digest }),
      })
    }
  }

  #generators(top: YAMLMap, key: string, kind: 'ConfigMap' | 'Secret'): void {
    for (const generator of mapsIn(top, key)) {
      const node = generator.get('name', true)
      const name = textOf(node)
      if (name !== undefined && isScalar(node))
        this.generated.push({ kind, name, range: this.#place(node).range })
      for (const list of ['files', 'envs']) this.#list(generator, list, 'data')
      this.#path(generator.get('env', true), 'data')
    }
  }

  #list(map: YAMLMap, key: string, role: KustomizationPath['role']): void {
    const list = map.get(key, true)
    if (isSeq(list)) for (const item of list.items) this.#path(item, role)
  }

  #path(node: unknown, role: KustomizationPath['role']): void {
    const written = textOf(node)
    if (written === undefined || written === '' || !isScalar(node)) return
    // An entry of several of these lists may be YAML itself.
    if (written.includes('\n') || (role !== 'data' && /^\s*[{[]|:\s/.test(written))) {
      this.inline.push(written)
      return
    }
    // KEY=PATH, where the key in the ConfigMap is not the file's name.
    const path = role === 'data' ? written.replace(/^[^=/]*=/, '') : written
    this.paths.push({ path, role, ...this.#place(node) })
  }

  #inline(node: unknown): void {
    const written = textOf(node)
    if (written !== undefined) this.inline.push(written)
  }

  #place(node: Node): { readonly range: SourceRange; readonly frame: string } {
    const { range, frame } = this.#find(node.range?.[0] ?? 0, node.range?.[1] ?? 0)
    return { range, frame }
  }
}

function mapsIn(map: YAMLMap, key: string): readonly YAMLMap[] {
  const list = map.get(key, true)
  return isSeq(list) ? list.items.filter(item => isMap(item)) : []
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined
}
