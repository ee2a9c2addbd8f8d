import type { FieldPath } from './fields.js'

/** An image in a workload. */
export interface LinkedImage {
  /** Path of the image field in the object. */
  readonly path: FieldPath
  readonly container: string
  readonly init: boolean
  /** As the manifest has it; empty where the manifest leaves it to the service. */
  readonly image: string
  /** The service that builds it; absent for an image from elsewhere. */
  readonly service?: string
}
