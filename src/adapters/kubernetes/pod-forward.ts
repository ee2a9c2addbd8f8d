import { err, ok, type Result } from '../../core/result.js'
import type { ForwardProblem, PodForward } from '../../ports/pod-forward.js'
import { channelStream } from './channel-stream.js'
import { createForwardConnections, type ForwardConnections, type Made } from './forward-connections.js'
import { createForwardTunnel } from './forward-tunnel.js'
import type { KubeHttp } from './http-client.js'
import { podPath } from './pod-logs-place.js'

/**
 * SPDY in a WebSocket, which API servers hand on since 1.30, and by default since 1.31.
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
 */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io'
/** The protocol in which one WebSocket is one connection to one port. The kubelet speaks it in every supported version. */
const CHANNELS = 'v4.channel.k8s.io'

interface Pod {
  readonly namespace: string
  readonly pod: string
}

/** Connects to ports of pods through the API server and the kubelet, who connects to `localhost` within the pod. */
export function createPodForward({
  http,
}: {
  readonly http: Pick<KubeHttp, 'socket' | 'request'>
}): PodForward {
  const known = new Map<string, ForwardConnections>()

  const connections = (pod: Pod, port: number): ForwardConnections => {
    const path = `${podPath(pod)}/portforward?ports=${port}`
    const before = known.get(path)
    if (before !== undefined) return before
    const made = createForwardConnections({
      port,
      handshake: () => handshake(http, path, pod.pod),
      onEmpty: () => known.delete(path),
    })
    known.set(path, made)
    return made
  }

  return {
    async open({ namespace, pod, port }, signal) {
      const opened = await connections({ namespace, pod }, port).open(signal)
      if (!opened.ok) return opened
      // Not before: on a busy machine the pod may begin to end while the connection is made.
      if (await isEnding(http, { namespace, pod })) {
        opened.value.destroy()
        return err({ kind: 'forward-refused', message: `${pod} is ending` })
      }
      // Nothing listens, and the node said so meanwhile.
      if (opened.value.destroyed) {
        const { message } = opened.value.errored ?? { message: 'closed the connection' }
        return err({ kind: 'forward-refused', message: `${pod}: ${message}` })
      }
      return ok(opened.value)
    },
  }
}

async function handshake(
  http: Pick<KubeHttp, 'socket'>,
  path: string,
  pod: string,
): Promise<Result<Made, ForwardProblem>> {
  // Offered both, a server that knows no tunnel hands the request to the kubelet, which takes the other.
  const ask = () => http.socket({ path, protocols: [TUNNEL, CHANNELS] })
  const first = await ask()
  // The API server may close an idle connection at the moment it is taken up again. No pod saw anything of it.
  const opened = first.ok ? first : await ask()
  if (!opened.ok) return opened
  if (opened.value.type === 'refused') {
    const { status, body } = opened.value
    return err({ kind: 'forward-refused', message: `${pod}: ${status} ${messageOf(body)}`.trim() })
  }
  const { socket, connection, protocol } = opened.value
  if (protocol !== TUNNEL) return ok({ type: 'stream', stream: channelStream(socket) })
  return ok({
    type: 'tunnel',
    tunnel: on => createForwardTunnel(socket, on),
    hold: isHeld => void (isHeld ? connection.ref() : connection.unref()),
  })
}

/**
 * Whether a pod is on its way out, as the API server knows before the pod does. Watches tell it later: without asking, the first requests after the end has
 * begun would go to a program that closes their connections, and nobody could say whether it had read them.
 */
async function isEnding(http: Pick<KubeHttp, 'request'>, pod: Pod): Promise<boolean> {
  const answer = await http.request({
    method: 'GET',
    // From the server's cache, which is where the kubelet hears of it too; without that, the server asks etcd.
    path: `${podPath(pod)}?resourceVersion=0`,
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
  })
  if (!answer.ok || answer.value.status !== 200) return answer.ok && answer.value.status === 404
  return /"deletionTimestamp":/.test(answer.value.body)
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown }
    return typeof message === 'string' ? message : body
  } catch {
    return body
  }
}
