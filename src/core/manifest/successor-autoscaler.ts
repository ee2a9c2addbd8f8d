import type { KubeObject } from '../kube-object.js'
import { type Fields, fieldsOf, isFields, itemsOf } from './fields.js'

/** Versions of workloads that no cluster serves any more: an autoscaler that names its workload by one finds nothing to scale. */
const GONE = /^(extensions\/v1beta1|apps\/v1beta[12])$/

/** An autoscaler's workload is named in the version that it is applied in. */
export function autoscalerOfApps(object: KubeObject): KubeObject {
  const spec = fieldsOf(object.spec)
  const target = fieldsOf(spec.scaleTargetRef)
  if (typeof target.apiVersion !== 'string' || !GONE.test(target.apiVersion)) return object
  return { ...object, spec: { ...spec, scaleTargetRef: { ...target, apiVersion: 'apps/v1' } } }
}

/** A HorizontalPodAutoscaler of `autoscaling/v2beta1` as `autoscaling/v2` has it: each metric's target is a map of its own. */
export function autoscalerOfV2(old: KubeObject): KubeObject {
  const object = autoscalerOfApps(old)
  const spec = fieldsOf(object.spec)
  if (spec.metrics === undefined) return object
  return { ...object, spec: { ...spec, metrics: itemsOf(spec.metrics).map(metricOfV2) } }
}

function metricOfV2(metric: unknown): unknown {
  if (!isFields(metric)) return metric
  switch (metric.type) {
    case 'Resource':
      return { ...metric, resource: resourceOf(fieldsOf(metric.resource)) }
    case 'ContainerResource':
      return { ...metric, containerResource: resourceOf(fieldsOf(metric.containerResource)) }
    case 'Pods':
      return { ...metric, pods: podsOf(fieldsOf(metric.pods)) }
    case 'Object':
      return { ...metric, object: objectOf(fieldsOf(metric.object)) }
    case 'External':
      return { ...metric, external: externalOf(fieldsOf(metric.external)) }
    default:
      return metric
  }
}

function resourceOf({ targetAverageUtilization, targetAverageValue, ...rest }: Fields): Fields {
  if (targetAverageUtilization !== undefined)
    return { ...rest, target: { type: 'Utilization', averageUtilization: targetAverageUtilization } }
  return targetAverageValue === undefined ? rest : { ...rest, target: averageValue(targetAverageValue) }
}

function podsOf({ metricName, selector, targetAverageValue, ...rest }: Fields): Fields {
  return { ...rest, metric: metricNamed(metricName, selector), target: averageValue(targetAverageValue) }
}

function objectOf({
  target,
  metricName,
  selector,
  targetValue,
  averageValue: average,
  ...rest
}: Fields): Fields {
  return {
    ...rest,
    describedObject: target,
    metric: metricNamed(metricName, selector),
    target: average === undefined ? { type: 'Value', value: targetValue } : averageValue(average),
  }
}

function externalOf({
  metricName,
  metricSelector,
  targetValue,
  targetAverageValue,
  ...rest
}: Fields): Fields {
  return {
    ...rest,
    metric: metricNamed(metricName, metricSelector),
    target:
      targetAverageValue === undefined
        ? { type: 'Value', value: targetValue }
        : averageValue(targetAverageValue),
  }
}

function metricNamed(name: unknown, selector: unknown): Fields {
  return { name, ...(selector === undefined ? {} : { selector }) }
}

function averageValue(value: unknown): Fields {
  return { type: 'AverageValue', averageValue: value }
}
