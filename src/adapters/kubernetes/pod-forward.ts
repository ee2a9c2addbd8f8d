import { err, ok } from '../../core/result.js'
import type { PodForward } from '../../ports/pod-forward.js'
import type { KubeHttp } from './http-client.js'
import { ForwardStream } from './pod-forward-stream.js'
import { podPath } from './pod-logs-place.js'

/**
 * The protocol in which one WebSocket is one connection to one port. The kubelet speaks it in every supported version; the tunnel of SPDY that
 * newer servers offer carries many, which keep-alive makes needless.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/cri/streaming/portforward/websocket.go
 */
const PROTOCOL = 'v4.channel.k8s.io'

/** Connects to ports of pods through the API server and the kubelet, who connects to `localhost` within the pod. */
export function createPodForward({
  http,
}: {
  readonly http: Pick<KubeHttp, 'socket' | 'request'>
}): PodForward {
  return {
    async open({ namespace, pod, port }, signal) {
      const ask = () =>
        http.socket({
          path: `${podPath({ namespace, pod })}/portforward?ports=${port}`,
          protocols: [PROTOCOL],
          ...(signal === undefined ? {} : { signal }),
        })
      const first = await ask()
      // The API server may close an idle connection at the moment it is taken up again. No pod saw anything of it.
      const opened = first.ok || first.error.kind === 'cancelled' ? first : await ask()
      if (!opened.ok) return opened
      if (opened.value.type === 'refused') {
        const { status, body } = opened.value
        return err({ kind: 'forward-refused', message: `${pod}: ${status} ${messageOf(body)}`.trim() })
      }
      const { socket } = opened.value
      if (await isEnding(http, { namespace, pod }, signal)) {
        socket.terminate()
        return err({ kind: 'forward-refused', message: `${pod} is ending` })
      }
      return ok(new ForwardStream(socket))
    },
  }
}

/**
 * Whether a pod is on its way out, as the API server knows before the pod does. Watches tell it later: without asking, the first requests after the end has
 * begun would go to a program that closes their connections, and nobody could say whether it had read them.
 */
async function isEnding(
  http: Pick<KubeHttp, 'request'>,
  pod: { readonly namespace: string; readonly pod: string },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const answer = await http.request({
    method: 'GET',
    path: podPath(pod),
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    ...(signal === undefined ? {} : { signal }),
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
