import type { FieldPath } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'

/** Something in the manifests that is allowed, and most likely not meant. */
export interface LintFinding {
  readonly object: LinkedObject
  /** Where in the object; empty for the object as a whole. */
  readonly path: FieldPath
  readonly message: string
  readonly suggestion?: string
  /** An object that has to be there: the finding is none where the cluster has it. */
  readonly missing?: MissingObject
}

export interface MissingObject {
  readonly kind: 'ConfigMap' | 'Secret' | 'ServiceAccount' | 'PersistentVolumeClaim' | 'Service'
  readonly namespace: string
  readonly name: string
}
