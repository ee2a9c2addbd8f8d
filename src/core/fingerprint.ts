import { createHash } from 'node:crypto'
import type { ServiceSpec } from './project.js'

/** What, besides the service's own settings, decides what an image contains. */
export interface FingerprintInputs {
  /** The digest of the service's visible files and Dockerfile. */
  readonly digest: string
  /** The engine's ids of the external images that the Dockerfile builds upon. */
  readonly bases: Readonly<Record<string, string>>
  /** Ids of the images named in `requires`, by service. */
  readonly required: Readonly<Record<string, string>>
}

/**
 * Names an image by what it is made of: SHA-256, hex. Two services with the same inputs have the same fingerprint, whatever their names, and so share one
 * build.
 */
export function fingerprintOf(service: ServiceSpec, inputs: FingerprintInputs): string {
  const sorted = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const parts = {
    digest: inputs.digest,
    bases: sorted(inputs.bases),
    required: service.requires.map(({ service: name, arg }) => [arg, inputs.required[name] ?? '']).sort(),
    buildArgs: sorted(service.buildArgs),
    target: service.target ?? '',
    platform: service.platform ?? '',
    secrets: service.secrets.map(secret => secret.id).sort(),
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The tag of a built image: the beginning of its digest, so that equal images have equal references. */
export function tagOfImage(imageId: string): string {
  return `dev-${imageId.replace(/^sha256:/, '').slice(0, 12)}`
}
