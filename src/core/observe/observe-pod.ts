import type { KubeObject } from '../kube-object.js'
import { itemsOf, valueAt } from '../manifest/fields.js'
import type { ObservedPod } from '../rollout-observation.js'
import { namedPorts } from '../routes/service-port.js'
import { conditionsOf, optional, textAt, textMapAt } from './fields.js'
import { networkProbes, probedPorts } from './network-probes.js'
import { observeContainer } from './observe-container.js'

/** Cuts a Pod down. Its containers come in the order in which they start: init containers first. Ephemeral ones are left out: no rollout waits for them. */
export function observePod(object: KubeObject): ObservedPod {
  const { metadata } = object
  const conditions = conditionsOf(object)
  const controller = metadata.ownerReferences?.find(owner => owner.controller === true)
  const ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled')
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    phase: textAt(object, 'status', 'phase') ?? 'Pending',
    ...optional('reason', textAt(object, 'status', 'reason')),
    ...optional('message', textAt(object, 'status', 'message')),
    ...optional('nodeName', textAt(object, 'spec', 'nodeName')),
    createdAt: metadata.creationTimestamp ?? '',
    ready,
    deleting: metadata.deletionTimestamp !== undefined,
    labels: textMapAt(object, 'metadata', 'labels'),
    ...optional('owner', controller && { kind: controller.kind, name: controller.name, uid: controller.uid }),
    ...optional(
      'defaultContainer',
      textAt(object, 'metadata', 'annotations', 'kubectl.kubernetes.io/default-container'),
    ),
    ...(scheduled?.status === 'False'
      ? optional('unschedulable', scheduled.message ?? scheduled.reason)
      : {}),
    ...optional('restartPolicy', restartPolicyOf(object)),
    ...portsOf(object),
    ...optional('probedPorts', probedPorts(object)),
    ...(ready ? {} : optional('probes', networkProbes(object))),
    containers: [
      ...containersIn(object, 'initContainers', 'initContainerStatuses'),
      ...containersIn(object, 'containers', 'containerStatuses'),
    ],
  }
}

function containersIn(
  object: KubeObject,
  list: 'initContainers' | 'containers',
  statusList: 'initContainerStatuses' | 'containerStatuses',
): ObservedPod['containers'] {
  const statuses = new Map(
    itemsOf(valueAt(object, ['status', statusList])).map(status => [textAt(status, 'name'), status]),
  )
  return itemsOf(valueAt(object, ['spec', list])).map(container =>
    observeContainer(container, statuses.get(textAt(container, 'name')), list === 'initContainers'),
  )
}

function portsOf(object: KubeObject): Pick<ObservedPod, 'ports'> {
  const ports = namedPorts(valueAt(object, ['spec']))
  return ports.size === 0 ? {} : { ports: Object.fromEntries(ports) }
}

function restartPolicyOf(object: KubeObject): ObservedPod['restartPolicy'] {
  const policy = textAt(object, 'spec', 'restartPolicy')
  return policy === 'Always' || policy === 'OnFailure' || policy === 'Never' ? policy : undefined
}
