import { sha256Digest } from './chain-ids.js'

/** A descriptor of the OCI image spec, as far as it is used here. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageManifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** A manifest or index as bytes, with the media type under which it was sent. */
export interface RawManifest {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** The two small files that make a tar of blobs an OCI layout with one named image. */
export function ociLayoutFiles(
  manifest: RawManifest,
  reference: string,
): { readonly 'oci-layout': string; readonly 'index.json': string } {
  const descriptor: Descriptor = {
    mediaType: manifest.mediaType,
    digest: sha256Digest(manifest.bytes),
    size: manifest.bytes.byteLength,
    annotations: { 'io.containerd.image.name': reference },
  }
  return {
    'oci-layout': JSON.stringify({ imageLayoutVersion: '1.0.0' }),
    'index.json': JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [descriptor],
    }),
  }
}

/** A manifest whose layers are plain tars: their digests are the image's diffIDs. */
export function uncompressedManifest(image: {
  readonly configDigest: string
  readonly configSize: number
  readonly layers: readonly { readonly diffId: string; readonly size: number }[]
}): RawManifest {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: image.configDigest,
      size: image.configSize,
    },
    layers: image.layers.map(layer => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest: layer.diffId,
      size: layer.size,
    })),
  }
  return { mediaType, bytes: new TextEncoder().encode(JSON.stringify(manifest)) }
}

/** Reads a manifest; undefined for an index or anything else. */
export function parseImageManifest(bytes: Uint8Array): ImageManifest | undefined {
  const value = parseObject(bytes)
  const config = descriptorOf(value?.config)
  const layers = value?.layers
  if (config === undefined || !Array.isArray(layers)) return undefined
  const read = layers.map(descriptorOf)
  return read.every(layer => layer !== undefined) ? { config, layers: read } : undefined
}

/** The manifests that an index lists; undefined for a plain manifest or anything else. */
export function parseIndex(bytes: Uint8Array): readonly Descriptor[] | undefined {
  const manifests = parseObject(bytes)?.manifests
  if (!Array.isArray(manifests)) return undefined
  return manifests.map(descriptorOf).filter(entry => entry !== undefined)
}

/**
 * The manifest of an index that nodes of this platform run. Attestations, which the containerd store lists beside the image, are no images
 * (kind#3795: importing them fails where their blobs are absent).
 */
export function pickManifest(
  entries: readonly Descriptor[],
  platform: { readonly os: string; readonly architecture: string },
): Descriptor | undefined {
  const images = entries.filter(entry => entry.annotations?.['vnd.docker.reference.type'] === undefined)
  return (
    images.find(
      ({ platform: own }) => own?.os === platform.os && own.architecture === platform.architecture,
    ) ?? (images.length === 1 ? images[0] : undefined)
  )
}

/** The uncompressed layer digests that a config lists, base first; undefined where it is no image config. */
export function parseDiffIds(config: Uint8Array): readonly string[] | undefined {
  const rootfs = parseObject(config)?.rootfs
  const ids = isObject(rootfs) ? rootfs.diff_ids : undefined
  return Array.isArray(ids) && ids.every(id => typeof id === 'string') ? ids : undefined
}

function descriptorOf(value: unknown): Descriptor | undefined {
  if (!isObject(value)) return undefined
  const { mediaType, digest, size, platform, annotations } = value
  if (typeof digest !== 'string' || typeof size !== 'number') return undefined
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    size,
    ...(isPlatform(platform) ? { platform } : {}),
    ...(isObject(annotations) ? { annotations: stringsOf(annotations) } : {}),
  }
}

function stringsOf(value: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

const isPlatform = (value: unknown): value is { os: string; architecture: string } =>
  isObject(value) && typeof value.os === 'string' && typeof value.architecture === 'string'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
