import type { RolloutFailed, RolloutFailureReason } from '../problem.js'
import { HOLDS_UP } from '../rollout/holds-up.js'
import { LACKS_USER } from '../rollout/lacks-user.js'
import { signalName } from '../signal-name.js'
import { type Explanation, linesOf, plural } from './explanation.js'

/** Why pods are not ready, and what to look at. */
export function explainRollout(problem: RolloutFailed): Explanation {
  return {
    title: `${problem.workload} in ${problem.namespace}: ${whatHappened(problem)}`,
    detail: [
      ...linesOf(problem.message),
      ...place(problem),
      ...(problem.lastLines.length > 0
        ? ['its last lines:', ...problem.lastLines.map(line => `  ${line}`)]
        : []),
    ],
    hints: hints(problem),
    anchor: `rollout-${problem.reason}`,
  }
}

function whatHappened({ reason, container, exitCode, signal }: RolloutFailed): string {
  const subject = container === undefined ? 'a container' : `container ${container}`
  const code =
    signal !== undefined
      ? ` (${signalName(signal)} ended it)`
      : exitCode === undefined
        ? ''
        : ` (exit code ${exitCode}: ${exitCodeWords(exitCode)})`
  const words: Readonly<Record<RolloutFailureReason, string>> = {
    'image-pull': `the image of ${subject} cannot be pulled`,
    'crash-loop': `${subject} crashes again and again${code}`,
    'container-exited': `${subject} exited${code}`,
    'out-of-memory': `${subject} was killed, for it used more memory than its limit`,
    'start-error': `${subject} cannot be started`,
    'needs-cluster': `${subject} needs a cluster`,
    'config-error': `${subject} lacks a ConfigMap, Secret or key that it names`,
    'probe-failing': `a probe of ${subject} fails`,
    unschedulable: 'no node can take the pod',
    quota: 'a quota of the namespace leaves no room for the pod',
    denied: 'an admission webhook or policy refuses the pod',
    evicted: 'the node evicted the pod',
    'job-failed': 'the job failed',
    deadline: 'it was not ready in time',
    volume: 'a volume of the pod cannot be mounted',
    other: 'its pods are not ready',
  }
  return words[reason]
}

/** What an exit code of a container usually means. */
export function exitCodeWords(code: number): string {
  switch (code) {
    case 0:
      return 'it ended without an error, but a service must keep running'
    case 1:
      return 'the program reported an error'
    case 126:
      return 'the command is there but cannot be executed'
    case 127:
      return 'the command was not found in the image'
    case 134:
      return 'it aborted, SIGABRT'
    case 137:
      return 'it was killed, SIGKILL: out of memory, a failed liveness probe, or too slow to stop'
    case 139:
      return 'it crashed, SIGSEGV'
    case 143:
      return 'it was asked to stop, SIGTERM'
    default:
      return code > 128 && code < 160 ? `ended by signal ${code - 128}` : 'the program reported an error'
  }
}

function place({ pod, container, restarts }: RolloutFailed): readonly string[] {
  if (pod === undefined) return []
  const times = restarts === undefined || restarts === 0 ? '' : `, ${plural(restarts, 'restart')}`
  return [`pod ${pod}${container === undefined ? '' : `, container ${container}`}${times}`]
}

function hints(problem: RolloutFailed): readonly string[] {
  const { pod, namespace, message } = problem
  if (pod !== undefined && message.includes(HOLDS_UP))
    return [
      `Delete it, for its StatefulSet waits for it for ever: "kubectl delete pod ${pod} -n ${namespace}". Its volumes stay, and the new pod takes them up.`,
    ]
  switch (problem.reason) {
    case 'image-pull':
      return [
        'If a service builds this image, its "image" in dev.config.yaml must be the name in the manifest.',
        'If the local Docker has the image, or can pull it, name it under "preload": the nodes take it from there.',
        'If it comes from a registry, also that of "cluster.context.registry", the nodes must reach it under that name, and the pod needs an imagePullSecret where it is private.',
      ]
    case 'crash-loop':
    case 'container-exited':
      return crashHints(problem)
    case 'out-of-memory':
      return ['Raise resources.limits.memory of the container, or make the program use less.']
    case 'start-error':
      if (LACKS_USER.test(problem.message))
        return [
          'The image has no such user or group: check USER in the last stage of the Dockerfile, and runAsUser in the manifest.',
        ]
      return ['Check command and args in the manifest against the ENTRYPOINT and the files of the image.']
    case 'needs-cluster':
      return [
        'Say what runs in its place: cluster: { process: { images: { IMAGE: COMMAND } } }; $PORT in it is the port to listen at.',
        'Or give the services that need it an in-memory stand-in of their own, or run on a cluster: cluster: { kind: { name: dev, create: true } }.',
      ]
    case 'config-error':
      return [
        'Create what is missing or correct its name in the manifest; the pod goes on by itself as soon as it is there.',
      ]
    case 'probe-failing':
      return [
        'Check the path and the port of the probe, and that the program listens on 0.0.0.0 and not on 127.0.0.1.',
        'If it only starts slowly, add a startupProbe.',
      ]
    case 'unschedulable':
      return [
        'Where the scheduler says "Insufficient cpu" or "memory": lower resources.requests, or stop something else on the cluster.',
        'Where it speaks of taints, affinity or a selector: a local cluster has few nodes and none of the labels of a large one.',
        'Where it speaks of an unbound PersistentVolumeClaim: check its storageClassName against "kubectl get storageclass".',
      ]
    case 'quota':
      return ['Raise the ResourceQuota or LimitRange of the namespace, or lower the requests of the pod.']
    case 'denied':
      return ['Change the manifest to what the policy asks for; its whole answer is above.']
    case 'evicted':
      return ['The node ran short of disk or memory: free some ("docker system df" shows the disk).']
    case 'job-failed':
      return ['Mend the cause and save: devloop deletes the job and runs it again.']
    case 'deadline':
      return [
        'If it only needs more time, raise progressDeadlineSeconds of the workload, or "waitTimeout" for --once.',
      ]
    case 'volume':
      return [
        'Check that the claim, ConfigMap, Secret or host path of the volume exists, and that no other node holds it.',
      ]
    case 'other':
      return [
        `See "devloop logs"; on a cluster also "kubectl describe ${problem.workload} -n ${problem.namespace}".`,
      ]
  }
}

function crashHints({ exitCode, signal, message }: RolloutFailed): readonly string[] {
  if (signal !== undefined && ASKED.has(signal))
    return [
      /failed (liveness|startup) probe/.test(message)
        ? 'Check the path, the port and the thresholds of the probe; a program that only starts slowly wants a startupProbe.'
        : 'devloop did not end it, and starts it again: a person did, another program, or the system for want of memory.',
    ]
  switch (exitCode) {
    case 0:
      return ['Start the program in the foreground, or make it a Job if it is meant to end.']
    case 126:
      return [
        'Make the file executable in the image (COPY --chmod=755), and check that it is built for the platform of the node.',
      ]
    case 127:
      return [
        'Check command, args and ENTRYPOINT, and the first line of a script: the interpreter that it names must be in the image, and the line must not end in CRLF.',
      ]
    case 137:
      return ['Check resources.limits.memory and the liveness probe.']
    case 143:
      return ['Check the liveness probe; a program that stops well on SIGTERM exits with 0.']
    default:
      return [
        'See everything that it wrote: "devloop logs --previous".',
        'If it waits for another service, it is tried again until that one answers; "dependsOn" makes it wait.',
      ]
  }
}

/** Signals that come from outside: SIGHUP, SIGINT, SIGKILL, SIGTERM. */
const ASKED: ReadonlySet<number> = new Set([1, 2, 9, 15])
