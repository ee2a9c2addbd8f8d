import type {
  ApplyRejected,
  ClusterRefused,
  CommandFailed,
  ForwardFailed,
  GatewayFailed,
  HostsFileFailed,
  Problem,
  RolloutFailed,
  WatchFailed,
} from '../problem.js'

/** Kinds of problem that are told apart by their reason, each with the word that its anchors begin with. */
interface ByReason {
  readonly command: CommandFailed
  readonly cluster: ClusterRefused
  readonly apply: ApplyRejected
  readonly rollout: RolloutFailed
  readonly watch: WatchFailed
  readonly 'hosts-file': HostsFileFailed
  readonly gateway: GatewayFailed
  readonly forward: ForwardFailed
}

type ReasonAnchor = { [Prefix in keyof ByReason]: `${Prefix}-${ByReason[Prefix]['reason']}` }[keyof ByReason]

/** A heading of docs/troubleshooting.md: the problem's kind, or the word for its kind with its reason. */
export type Anchor = Exclude<Problem, ByReason[keyof ByReason] | { kind: 'cancelled' }>['kind'] | ReasonAnchor

/** Every anchor with its symptom, as people search for it. Exhaustive by its type: a new problem without a line here does not compile. */
export const symptoms: Readonly<Record<Anchor, string>> = {
  'config-invalid': 'dev.config.yaml has errors',
  'usage-invalid': 'a command or a flag is refused',
  'command-not-found': 'a program was not found',
  'command-exited': 'a program failed',
  'command-signalled': 'a program was ended by a signal',
  'command-timed-out': 'a program took too long',
  'command-failed': 'a program could not be run',
  'hook-failed': 'a hook failed',
  'engine-unreachable': 'Docker does not answer',
  'image-build-failed': 'a build failed',
  'context-invalid': 'a build context cannot be used',
  'image-load-failed': 'an image did not reach the nodes',
  'cluster-unreachable': 'the cluster does not answer',
  'cluster-missing': 'there is no cluster',
  'cluster-not-local': 'a cluster that is not local is refused',
  'cluster-uid-changed': 'another cluster has taken the name',
  'cluster-not-what-it-says': 'the context leads somewhere else',
  'cluster-no-registry': 'the cluster cannot see local images',
  'render-failed': 'the manifests have errors',
  'apply-invalid': 'the API server finds an object invalid',
  'apply-unknown-field': 'a field that its kind does not have',
  'apply-immutable': 'a field that cannot change was changed',
  'apply-denied': 'a webhook or policy denied an object',
  'apply-forbidden': 'your user may not do this',
  'apply-no-such-kind': 'the cluster does not have a kind',
  'apply-removed-kind': 'Kubernetes no longer has a kind',
  'apply-storage-class': 'the cluster does not have a storage class',
  'apply-namespace': 'a namespace is missing or being deleted',
  'apply-quota': 'a quota is used up',
  'apply-other': 'the API server refused an object',
  'apply-conflict': 'somebody else holds a field',
  'delete-failed': 'an object could not be deleted',
  'rollout-image-pull': 'ImagePullBackOff, ErrImageNeverPull',
  'rollout-crash-loop': 'CrashLoopBackOff',
  'rollout-container-exited': 'a container exited',
  'rollout-out-of-memory': 'OOMKilled',
  'rollout-start-error': 'a container cannot be started',
  'rollout-needs-cluster': 'a container needs a cluster',
  'rollout-config-error': 'CreateContainerConfigError',
  'rollout-probe-failing': 'a probe fails',
  'rollout-unschedulable': 'a pod stays Pending',
  'rollout-quota': 'a quota leaves no room for a pod',
  'rollout-denied': 'a policy refuses a pod',
  'rollout-evicted': 'a pod was evicted',
  'rollout-job-failed': 'a Job failed',
  'rollout-deadline': 'it was not ready in time',
  'rollout-volume': 'a volume cannot be mounted',
  'rollout-other': 'pods are not ready',
  'endpoint-unready': 'something that a service waits for does not answer',
  'watch-limit': 'the system allows no more file watches',
  'watch-missing': 'a watched folder is gone',
  'watch-permission': 'a folder may not be read',
  'watch-other': 'files cannot be watched',
  'already-running': 'devloop runs for this project already',
  'not-running': 'devloop does not run for this project',
  'state-unusable': "devloop's own files cannot be used",
  'hosts-file-rights': 'the hosts file may not be written',
  'hosts-file-changed': 'the hosts file was changed meanwhile',
  'hosts-file-damaged': "devloop's block in the hosts file is damaged",
  'hosts-file-other': 'the hosts file could not be changed',
  'gateway-taken': "the gateway's port is taken",
  'gateway-rights': "the gateway's port needs rights",
  'gateway-other': "the gateway's port cannot be served",
  'forward-taken': 'the local port of a forward is taken',
  'forward-rights': 'the local port of a forward needs rights',
  'forward-address': 'a forward names an address that this machine does not have',
  'forward-target': 'a forward leads nowhere',
  'forward-other': 'a port cannot be forwarded',
  'debug-refused': 'a service cannot be debugged',
  bug: 'a defect in devloop',
}
