import type { KubeObject } from '../kube-object.js'
import { fieldsOf, isFields, itemsOf } from './fields.js'

const RBAC = 'rbac.authorization.k8s.io'

/** A binding of `rbac.authorization.k8s.io/v1alpha1`, whose subjects had an apiVersion, and where the user `*` was everybody who is logged in. */
export function bindingOfV1(object: KubeObject): KubeObject {
  if (object.subjects === undefined) return object
  const subjects = itemsOf(object.subjects).map(subject => {
    if (!isFields(subject)) return subject
    const { apiVersion: _, ...rest } = subject
    if (rest.kind === 'ServiceAccount') return rest
    const isEverybody = rest.kind === 'User' && rest.name === '*'
    return {
      ...rest,
      apiGroup: RBAC,
      ...(isEverybody ? { kind: 'Group', name: 'system:authenticated' } : {}),
    }
  })
  return { ...object, subjects }
}

/** A PodDisruptionBudget of `policy/v1beta1`, where an empty selector selected nothing: in `policy/v1` it would select every pod of the namespace. */
export function budgetOfV1(object: KubeObject): KubeObject {
  const { selector, ...spec } = fieldsOf(object.spec)
  const isEmpty = isFields(selector) && Object.keys(selector).length === 0
  return isEmpty ? { ...object, spec } : object
}

/**
 * Webhooks of `admissionregistration.k8s.io/v1beta1` with what they had by default, which is another thing in v1. Undefined where the side effects are not
 * said to be none: v1 refuses such a webhook.
 */
export function webhooksOfV1(object: KubeObject): KubeObject | undefined {
  const webhooks = itemsOf(object.webhooks).map(fieldsOf)
  if (webhooks.some(({ sideEffects }) => sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun'))
    return undefined
  return {
    ...object,
    webhooks: webhooks.map(webhook => ({
      failurePolicy: 'Ignore',
      matchPolicy: 'Exact',
      timeoutSeconds: 30,
      admissionReviewVersions: ['v1beta1'],
      ...webhook,
    })),
  }
}

/** An EndpointSlice of `discovery.k8s.io/v1beta1`, which kept node and zone among the labels of its topology. */
export function endpointSliceOfV1(object: KubeObject): KubeObject {
  if (object.endpoints === undefined) return object
  const endpoints = itemsOf(object.endpoints).map(endpoint => {
    if (!isFields(endpoint)) return endpoint
    const { topology, ...rest } = endpoint
    const labels = fieldsOf(topology)
    const nodeName = labels['kubernetes.io/hostname']
    const zone = labels['topology.kubernetes.io/zone']
    return {
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(zone === undefined ? {} : { zone }),
      ...rest,
    }
  })
  return { ...object, endpoints }
}

/** A PriorityLevelConfiguration of before `flowcontrol.apiserver.k8s.io/v1beta3`, whose shares had another name. */
export function priorityLevelOfV1(object: KubeObject): KubeObject {
  const spec = fieldsOf(object.spec)
  const limited = fieldsOf(spec.limited)
  if (limited.assuredConcurrencyShares === undefined) return object
  const { assuredConcurrencyShares, ...rest } = limited
  return {
    ...object,
    spec: { ...spec, limited: { ...rest, nominalConcurrencyShares: assuredConcurrencyShares } },
  }
}
