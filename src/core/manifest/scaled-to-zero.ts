import type { KubeObject } from '../kube-object.js'
import { valueAt, withValueAt } from './fields.js'

const RETENTION = ['spec', 'persistentVolumeClaimRetentionPolicy', 'whenScaled']

/**
 * The workload with no pods, whatever number of them its manifest names. A StatefulSet that deletes the claims of pods that it scales away keeps them: what
 * runs no pods for a while is to find its data again.
 */
export function scaledToZero(object: KubeObject): KubeObject {
  const scaled = withValueAt(object, ['spec', 'replicas'], 0)
  return valueAt(object, RETENTION) === 'Delete' ? withValueAt(scaled, RETENTION, 'Retain') : scaled
}
