import type { KubeObject } from '../kube-object.js'
import { withValueAt } from './fields.js'

/** The workload with no pods, whatever number of them its manifest names. */
export function scaledToZero(object: KubeObject): KubeObject {
  return withValueAt(object, ['spec', 'replicas'], 0)
}
