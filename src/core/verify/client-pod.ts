import type { KubeObject } from '../kube-object.js'
import { type ClientTarget, clientCommand } from './client-script.js'

/** On every pod that `devloop verify` makes. */
const VERIFY_LABEL = 'devloop.dev/verify'

/** Name of the pod's one container. */
export const CLIENT_CONTAINER = 'client'

export interface ClientPodInput {
  readonly name: string
  /** The Service that is asked: the pod belongs to it, and goes with it if nobody else takes it away. */
  readonly service: KubeObject
  readonly image: string
  readonly target: ClientTarget
}

/**
 * A pod that sends a stream of requests and ends by itself. It has no rights of any kind in the cluster, and asks for none: the strictest policy of Pod
 * Security lets it in. No service mesh puts itself between it and the Service.
 */
export function clientPod({ name, service, image, target }: ClientPodInput): KubeObject {
  const { namespace = 'default', uid = '' } = service.metadata
  const { command, env } = clientCommand(target)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'devloop',
        [VERIFY_LABEL]: service.metadata.name,
        'sidecar.istio.io/inject': 'false',
      },
      annotations: { 'linkerd.io/inject': 'disabled' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: service.metadata.name, uid }],
    },
    spec: {
      restartPolicy: 'Never',
      // Even if whoever made it is killed, it does not run on.
      activeDeadlineSeconds: Math.ceil(target.seconds) + 60,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: CLIENT_CONTAINER,
          image,
          imagePullPolicy: 'IfNotPresent',
          command,
          env,
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}

/** Images that hold one of the programs that a client can use, by their usual names. */
const LIKELY = /(^|\/)(busybox|alpine|debian|ubuntu|node|curl|nginx|httpd|python|local-path-helper)([:@]|$)/

/** At most this many images are tried: each costs a second or two. */
const MOST_IMAGES = 5

/** Images to try in turn: those of workloads, then those on the nodes that are likely to do. Nothing is ever pulled for it. */
export function clientImages(ofWorkloads: readonly string[], onNodes: readonly string[]): readonly string[] {
  const likely = onNodes.filter(name => LIKELY.test(name) && !name.includes('@sha256:'))
  return [...new Set([...ofWorkloads.slice(0, 3), ...likely])].slice(0, MOST_IMAGES)
}
