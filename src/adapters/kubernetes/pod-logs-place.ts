import type { LogSource } from '../../ports/pod-logs.js'
import type { KubeHttp } from './http-client.js'
import { isRecord, textOf } from './kubeconfig.js'

/** Where the cluster keeps the log of one run of a container. */
export type LogPlace =
  | 'running'
  /** It ended, and is still the container's present run. */
  | 'ended'
  /** Another run came after it: `previous`. */
  | 'previous'
  /** More than one run came after it. */
  | 'lost'
  | 'pod-gone'
  /** The pod is gone, and another has its name. */
  | 'pod-replaced'
  /** The API server cannot be asked now. */
  | 'unknown'

/** Asks for the pod. Its log is addressed by name, so the UID must be looked at as well. */
export async function findLog(
  http: Pick<KubeHttp, 'request'>,
  source: LogSource,
  signal: AbortSignal,
): Promise<LogPlace> {
  const answer = await http.request({ method: 'GET', path: podPath(source), signal })
  if (!answer.ok) return 'unknown'
  const { status, body } = answer.value
  if (status === 404) return 'pod-gone'
  if (status !== 200) return 'unknown'
  try {
    return placeIn(JSON.parse(body), source)
  } catch {
    return 'unknown'
  }
}

export function podPath({ namespace, pod }: Pick<LogSource, 'namespace' | 'pod'>): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`
}

/** Reads the place off a Pod object. */
function placeIn(pod: unknown, source: Pick<LogSource, 'podUid' | 'container' | 'containerId'>): LogPlace {
  if (!isRecord(pod) || !isRecord(pod.metadata)) return 'unknown'
  if (pod.metadata.uid !== source.podUid) return 'pod-replaced'
  const status = isRecord(pod.status) ? pod.status : {}
  const all = [status.initContainerStatuses, status.containerStatuses, status.ephemeralContainerStatuses]
  const container = all
    .flatMap(list => (Array.isArray(list) ? list : []))
    .filter(isRecord)
    .find(one => one.name === source.container)
  if (container === undefined) return 'unknown'
  const state = isRecord(container.state) ? container.state : {}
  if (bareId(container.containerID) === source.containerId)
    return isRecord(state.running) ? 'running' : 'ended'
  const last = isRecord(container.lastState) ? container.lastState.terminated : undefined
  return isRecord(last) && bareId(last.containerID) === source.containerId ? 'previous' : 'lost'
}

function bareId(id: unknown): string | undefined {
  return textOf(id)?.replace(/^[a-z0-9-]+:\/\//, '')
}
