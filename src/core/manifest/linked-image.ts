import type { FieldPath } from './fields.js'

/** An image in a workload, or where the config says that an object names one. */
export interface LinkedImage {
  /** Path of the image field in the object. */
  readonly path: FieldPath
  readonly container: string
  readonly init: boolean
  /** It is where `replace` of the config says, and in no container: `container` is empty. */
  readonly bare?: true
  /** As the manifest has it; empty where the manifest leaves it to the service. */
  readonly image: string
  /** The service that builds it; absent for an image from elsewhere. */
  readonly service?: string
}
