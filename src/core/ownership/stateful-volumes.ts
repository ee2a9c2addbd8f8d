import type { KubeObject } from '../kube-object.js'
import { isMap } from './json.js'

/** The claims that a StatefulSet makes or takes up: `<template>-<set>-<ordinal>`. Undefined for a set without templates. */
export function claimPattern(statefulSet: KubeObject): RegExp | undefined {
  const spec = isMap(statefulSet.spec) ? statefulSet.spec : {}
  const templates = Array.isArray(spec.volumeClaimTemplates) ? spec.volumeClaimTemplates : []
  const names = templates.flatMap((template: unknown) =>
    isMap(template) && isMap(template.metadata) && typeof template.metadata.name === 'string'
      ? [template.metadata.name]
      : [],
  )
  if (names.length === 0) return undefined
  const escaped = names.map(name => name.replace(/[.]/g, '\\.'))
  const set = statefulSet.metadata.name.replace(/[.]/g, '\\.')
  return new RegExp(`^(?:${escaped.join('|')})-${set}-\\d+$`)
}
