import type { KubeObject, ManifestObject } from '../kube-object.js'
import type { Diagnostic, SourceRange } from '../problem.js'
import { parseManifests } from './parse-manifests.js'

export interface RenderedText {
  /** YAML documents, as a tool printed them. */
  readonly text: string
  /** What rendered it, for messages: `kustomize overlays/dev`. */
  readonly tool: string
  /** The place in a file that a person wrote; `document` is the object's text with its comments. */
  readonly locate: (object: KubeObject, document: string) => SourceRange
  /** The place of what is no object. */
  readonly fallback: SourceRange
}

export interface RenderedObjects {
  readonly objects: readonly ManifestObject[]
  readonly diagnostics: readonly Diagnostic[]
  /** Documents that are not empty and hold no object. */
  readonly others: number
}

/** Reads what a tool rendered, each document by itself so that its faults are told at its source. Nothing is substituted. */
export function parseRendered({ text, tool, locate, fallback }: RenderedText): RenderedObjects {
  const objects: ManifestObject[] = []
  const diagnostics: Diagnostic[] = []
  let others = 0
  for (const document of text.split(/^---(?=[ \t\r\n]|$)/m)) {
    const parsed = parseManifests({ file: tool, text: document, variables: undefined, rendered: true })
    objects.push(...parsed.objects.map(({ object }) => ({ object, source: locate(object, document) })))
    others += parsed.others
    if (parsed.diagnostics.length === 0) continue
    const named = rough(document)
    const range = named === undefined ? fallback : locate(named, document)
    diagnostics.push(
      ...parsed.diagnostics.map(({ message, ...rest }) => ({
        ...rest,
        message: `${tool} renders an object that cannot be used: ${message}`,
        range,
      })),
    )
  }
  return { objects, diagnostics, others }
}

/** Kind and name of an object that cannot be read as one. */
function rough(document: string): KubeObject | undefined {
  const kind = /^kind:[ \t]*["']?([\w.-]+)/m.exec(document)?.[1]
  const name = /^ {1,4}name:[ \t]*["']?([\w.-]+)/m.exec(document)?.[1]
  return kind === undefined ? undefined : { apiVersion: '', kind, metadata: { name: name ?? '' } }
}
