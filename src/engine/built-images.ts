import { fingerprintOf } from '../core/fingerprint.js'
import type { Project, ServiceSpec } from '../core/project.js'
import { ok, type Result } from '../core/result.js'
import type { ImageBuilder } from '../ports/image-builder.js'
import type { SourceTree } from '../ports/source-tree.js'
import type { ImageCache } from '../ports/state-store.js'
import { baseIds } from './effects/scan.js'

interface Tools {
  readonly builder: ImageBuilder
  readonly tree: SourceTree
  readonly images: ImageCache
}

export interface BuiltImages {
  /** By service: the image of its present files. */
  readonly references: ReadonlyMap<string, string>
  readonly unbuilt: readonly string[]
  /** Which of these images the local engine has. */
  readonly local: (images: readonly string[]) => Promise<Result<ReadonlySet<string>>>
}

/** Finds the images that earlier builds made of what the files are now. Builds nothing. */
export async function builtImages(tools: Tools, project: Project): Promise<Result<BuiltImages>> {
  const found = new Map<string, { readonly reference: string; readonly imageId: string }>()
  const unbuilt: string[] = []
  for (const service of inOrderOfRequires(project.services)) {
    const image = await imageOf(tools, service, found)
    if (!image.ok) return image
    if (image.value === undefined) unbuilt.push(service.name)
    else found.set(service.name, image.value)
  }
  return ok({
    references: new Map([...found].map(([name, { reference }]) => [name, reference])),
    unbuilt,
    local: async images => {
      const ids = await baseIds(tools.builder, [...new Set(images)])
      return ids.ok ? ok(new Set(Object.keys(ids.value).filter(image => ids.value[image] !== ''))) : ids
    },
  })
}

async function imageOf(
  { tree, builder, images }: Tools,
  service: ServiceSpec,
  found: ReadonlyMap<string, { readonly imageId: string }>,
): Promise<Result<{ readonly reference: string; readonly imageId: string } | undefined>> {
  const snapshot = await tree.snapshot(service, 'all', new AbortController().signal)
  if (!snapshot.ok) return snapshot
  const bases = await baseIds(builder, snapshot.value.baseImages)
  if (!bases.ok) return bases
  const required = Object.fromEntries(
    service.requires.map(({ service: base }) => [base, found.get(base)?.imageId ?? '']),
  )
  const cached = images.get(
    fingerprintOf(service, { digest: snapshot.value.digest, bases: bases.value, required }),
  )
  if (cached === undefined) return ok(undefined)
  const image = await builder.inspect(cached.imageId)
  if (!image.ok) return image
  return ok(image.value === undefined ? undefined : cached)
}

/** Bases before what builds upon them. The config has no cycles. */
function inOrderOfRequires(services: readonly ServiceSpec[]): readonly ServiceSpec[] {
  const ordered: ServiceSpec[] = []
  const visit = (service: ServiceSpec): void => {
    if (ordered.includes(service)) return
    for (const { service: base } of service.requires) {
      const found = services.find(({ name }) => name === base)
      if (found !== undefined) visit(found)
    }
    ordered.push(service)
  }
  for (const service of services) visit(service)
  return ordered
}
