import { explainConflict, explainRejection } from './explain/explain-apply.js'
import { explainForward } from './explain/explain-forward.js'
import { explainHook } from './explain/explain-hook.js'
import {
  explainAlreadyRunning,
  explainCommand,
  explainEngine,
  explainGateway,
  explainHostsFile,
  explainWatch,
} from './explain/explain-machine.js'
import { explainRollout } from './explain/explain-rollout.js'
import { type Explanation, linesOf, plural, present } from './explain/explanation.js'
import { formatDiagnostic, formatPlace } from './format-diagnostic.js'
import type { ClusterRefused, ConfigInvalid, Diagnostic, Problem } from './problem.js'

export type { Explanation } from './explain/explanation.js'

/** Every problem in words: what failed, where, and what to do. */
export function explain(problem: Problem): Explanation {
  switch (problem.kind) {
    case 'config-invalid':
      if (problem.below !== undefined) return explainMissingConfig(problem, problem.below)
      return {
        title: `${problem.file} has ${plural(countErrors(problem.diagnostics), 'error')}`,
        detail: problem.diagnostics.flatMap(diagnostic => formatDiagnostic(diagnostic)),
        hints: [],
        anchor: problem.kind,
      }
    case 'render-failed':
      return {
        title: `the manifests have ${plural(countErrors(problem.diagnostics), 'error')}`,
        detail: problem.diagnostics.flatMap(diagnostic => formatDiagnostic(diagnostic)),
        hints: ['Correct the files and save; devloop reads them again.'],
        anchor: problem.kind,
      }
    case 'usage-invalid':
      return {
        title: problem.message,
        detail: [],
        hints: present(problem.hint ?? '"devloop --help" shows the commands and flags.'),
        anchor: problem.kind,
      }
    case 'command-failed':
      return explainCommand(problem)
    case 'hook-failed':
      return explainHook(problem)
    case 'engine-unreachable':
      return explainEngine(problem)
    case 'image-build-failed':
      return {
        title: `${problem.service}: the build failed${problem.step === undefined ? '' : ` at "${problem.step}"`}`,
        detail: [
          ...present(problem.range && formatPlace(problem.range)),
          ...problem.output.map(line => `  ${line}`),
          // The builder's message often is the last line of its output.
          ...linesOf(problem.message).filter(line => !problem.output.includes(line)),
        ],
        hints: present(problem.hint, 'Correct it and save; devloop builds again.'),
        anchor: problem.kind,
      }
    case 'context-invalid':
      return {
        title: `${problem.service}: the build context cannot be used`,
        detail: [...present(problem.range && formatPlace(problem.range)), ...linesOf(problem.message)],
        hints: present(problem.hint),
        anchor: problem.kind,
      }
    case 'image-load-failed':
      return {
        title: `the image ${problem.image} did not reach ${problem.node === undefined ? 'the nodes' : `node ${problem.node}`} (${problem.method})`,
        detail: linesOf(problem.message),
        hints: present(
          problem.hint ??
            (problem.method === 'registry-push'
              ? 'Check that the registry is right and that you are logged in ("docker login").'
              : 'Check that the nodes run and have room on their disks ("docker ps", "docker system df").'),
        ),
        anchor: problem.kind,
      }
    case 'cluster-unreachable':
      return {
        title: `the cluster of context "${problem.context}" does not answer${problem.server === undefined ? '' : ` at ${problem.server}`}`,
        detail: linesOf(problem.message),
        hints: [
          // It answered: that it runs is not in question.
          problem.message.includes('(401)')
            ? 'Log in again, as this cluster wants it, or have the kubeconfig written anew ("kind export kubeconfig" for kind).'
            : 'Check that the cluster runs: "docker ps" for kind and k3d, "minikube status" for minikube.',
          `Check that kubectl reaches it: "kubectl --context ${problem.context} get nodes".`,
          'Without a cluster the containers can run as processes of this machine: cluster: { process: {} }',
        ],
        anchor: problem.kind,
      }
    case 'cluster-missing':
      return {
        title: 'there is no cluster to work on',
        detail: linesOf(problem.message),
        hints: present(problem.hint),
        anchor: problem.kind,
      }
    case 'cluster-refused':
      return {
        title: `devloop does not touch the cluster of context "${problem.context}"`,
        detail: linesOf(problem.message),
        hints: refusalHints(problem),
        anchor: `cluster-${problem.reason}`,
      }
    case 'apply-rejected':
      return explainRejection(problem)
    case 'apply-conflict':
      return explainConflict(problem)
    case 'delete-failed':
      return {
        title: `${problem.object} could not be deleted`,
        detail: linesOf(problem.message),
        hints: [
          'Run "devloop down" again: the journal still knows the object.',
          `If a finalizer holds it, its controller must run; "kubectl get ${problem.object} -o yaml" shows the finalizers.`,
        ],
        anchor: problem.kind,
      }
    case 'rollout-failed':
      return explainRollout(problem)
    case 'endpoint-unready':
      return {
        title: `${problem.target} did not answer within ${plural(problem.seconds, 'second')}`,
        detail: linesOf(problem.message),
        hints: [
          'It is asked on: what waits for it goes ahead as soon as it answers.',
          'Where it only needs longer, give it more time: "dependsOn: [{ http: …, timeout: 5m }]".',
        ],
        anchor: problem.kind,
      }
    case 'watch-failed':
      return explainWatch(problem)
    case 'already-running':
      return explainAlreadyRunning(problem)
    case 'not-running':
      return {
        title: 'devloop does not run for this project',
        detail: linesOf(problem.message),
        hints: ['Start it with "devloop up".'],
        anchor: problem.kind,
      }
    case 'state-unusable':
      return {
        title: `devloop's own file ${problem.path} cannot be used`,
        detail: linesOf(problem.message),
        hints: [
          'Check its permissions and the room on the disk. Do not delete a journal: "down" needs it to know what "up" created.',
        ],
        anchor: problem.kind,
      }
    case 'gateway-failed':
      return explainGateway(problem)
    case 'forward-failed':
      return explainForward(problem)
    case 'debug-refused':
      return {
        title: `${problem.service} cannot be debugged: ${problem.message}`,
        detail: [],
        hints: present(problem.hint),
        anchor: problem.kind,
      }
    case 'hosts-file-failed':
      return explainHostsFile(problem)
    case 'cancelled':
      return { title: 'stopped', detail: [], hints: [], anchor: undefined }
    case 'bug':
      return {
        title: `a defect in devloop, in ${problem.where}: ${problem.message}`,
        detail: linesOf(problem.stack ?? ''),
        hints: ['Please report it with the lines above. What was running goes on.'],
        anchor: problem.kind,
      }
  }
}

function explainMissingConfig({ diagnostics, file }: ConfigInvalid, below: readonly string[]): Explanation {
  return {
    title: diagnostics[0]?.message ?? `there is no file ${file}`,
    detail: [],
    hints: [
      ...below.map(path => `There is one in a folder below: add "--file ${path}", or change to that folder.`),
      ...present(diagnostics[0]?.suggestion),
    ],
    anchor: 'config-invalid',
  }
}

const countErrors = (diagnostics: readonly Diagnostic[]): number =>
  diagnostics.filter(diagnostic => diagnostic.severity === 'error').length

function refusalHints({ context, reason }: ClusterRefused): readonly string[] {
  switch (reason) {
    case 'not-local':
      return [
        `If it is meant, allow it by name: "cluster: { context: { name: ${context}, allow: true, registry: … } }".`,
        'If not, choose a local one: "cluster: { kind: NAME }".',
      ]
    case 'uid-changed':
      return [
        'Another cluster has taken this name. If that is right, run "devloop down" for the old one, then start again.',
      ]
    case 'not-what-it-says':
      return [
        'The name says that it is local, and its address does not. Check the kubeconfig, or allow the context by its name.',
      ]
    case 'no-registry':
      return [
        `Its nodes see no local images: add "registry: HOST/PATH" to "cluster: { context: { name: ${context} } }".`,
      ]
  }
}
