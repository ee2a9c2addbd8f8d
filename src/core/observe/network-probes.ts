import { probeOf } from '../embedded/probe-spec.js'
import type { KubeObject } from '../kube-object.js'
import { isFields, itemsOf, valueAt } from '../manifest/fields.js'
import type { NetworkProbe } from '../network-probe.js'
import { namedPorts } from '../routes/service-port.js'

/** Ports of a pod at which it has to answer to be Ready: by an HTTP, gRPC or TCP probe at the pod itself. */
export function probedPorts(pod: KubeObject): readonly number[] | undefined {
  const spec = valueAt(pod, ['spec'])
  const ports = namedPorts(spec)
  const probed = itemsOf(valueAt(spec, ['containers'])).flatMap(container => {
    const written = valueAt(container, ['readinessProbe'])
    const action =
      isFields(written) && !asksElsewhere(written) ? probeOf(container, 'readinessProbe')?.action : undefined
    return action === undefined || action.kind === 'exec' ? [] : (portOf(action, ports) ?? [])
  })
  return probed.length === 0 ? undefined : probed
}

/**
 * All that a pod has to pass to be Ready, where each part of it is an HTTP or TCP probe at the pod itself that has to be passed once. Undefined where something
 * else counts as well, and for a pod that has no probe: that it runs is for the kubelet to say.
 */
export function networkProbes(pod: KubeObject): readonly NetworkProbe[] | undefined {
  const spec = valueAt(pod, ['spec'])
  if (itemsOf(valueAt(spec, ['readinessGates'])).length > 0) return undefined
  const ports = namedPorts(spec)
  const sidecars = itemsOf(valueAt(spec, ['initContainers'])).filter(
    container => valueAt(container, ['restartPolicy']) === 'Always',
  )
  const probes: NetworkProbe[] = []
  for (const container of [...itemsOf(valueAt(spec, ['containers'])), ...sidecars]) {
    for (const name of ['startupProbe', 'readinessProbe'] as const) {
      const written = valueAt(container, [name])
      if (!isFields(written)) continue
      const known = probeOf(container, name)
      if (known === undefined || known.successThreshold > 1 || asksElsewhere(written)) return undefined
      const { action, timeout } = known
      if (action.kind === 'exec' || isFields(valueAt(written, ['grpc']))) return undefined
      const port = portOf(action, ports)
      if (port === undefined) return undefined
      probes.push({ ...action, port, timeout })
    }
  }
  return probes.length === 0 ? undefined : probes
}

/** Whether a probe names a host of its own, so that it says nothing of the pod. */
const asksElsewhere = (probe: unknown): boolean =>
  (valueAt(probe, ['httpGet', 'host']) ?? valueAt(probe, ['tcpSocket', 'host'])) !== undefined

const portOf = (
  { port }: { readonly port: number | string },
  named: ReadonlyMap<string, number>,
): number | undefined => (typeof port === 'number' ? port : named.get(port))
