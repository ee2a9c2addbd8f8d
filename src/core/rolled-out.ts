import { apiGroup, type ObjectRef } from './kube-object.js'

const ROLLED_OUT: Readonly<Record<string, readonly string[]>> = {
  apps: ['Deployment', 'StatefulSet', 'DaemonSet'],
  batch: ['Job'],
  '': ['Pod'],
}

/** Whether an object of this kind is done only when its pods are: what is watched after it was applied. */
export function isRolledOut(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return ROLLED_OUT[apiGroup(ref.apiVersion)]?.includes(ref.kind) ?? false
}
