import { expect, test } from 'vitest'
import { container, pod, running, terminated, waiting } from '../../testing/rollout-fixtures.js'
import { describePod } from './describe-pod.js'

const init = { name: 'i', init: true }
const blocked = container({ state: waiting('PodInitializing') })

test.each([
  ['Running', pod('a')],
  ['Terminating', pod('a', { deleting: true })],
  ['Pending', pod('a', { phase: 'Pending', containers: [] })],
  ['Evicted', pod('a', { phase: 'Failed', reason: 'Evicted', containers: [] })],
  ['ContainerCreating', pod('a', { containers: [container({ state: waiting('ContainerCreating') })] })],
  ['CrashLoopBackOff', pod('a', { containers: [container({ state: waiting('CrashLoopBackOff') })] })],
  ['Completed', pod('a', { phase: 'Succeeded', containers: [container({ state: terminated(0) })] })],
  ['Error', pod('a', { containers: [container({ state: terminated(1) })] })],
  ['ExitCode:3', pod('a', { containers: [container({ state: terminated(3, '') })] })],
  ['NotReady', pod('a', { containers: [container({ state: terminated(0) }), container()] })],
  [
    'Init:0/2',
    pod('a', {
      containers: [
        container({ ...init }),
        container({ ...init, state: waiting('PodInitializing') }),
        blocked,
      ],
    }),
  ],
  [
    'Init:1/2',
    pod('a', { containers: [container({ ...init, state: terminated(0) }), container(init), blocked] }),
  ],
  ['Init:Error', pod('a', { containers: [container({ ...init, state: terminated(1) }), blocked] })],
  [
    'Init:CrashLoopBackOff',
    pod('a', { containers: [container({ ...init, state: waiting('CrashLoopBackOff') }), blocked] }),
  ],
  [
    'Running',
    pod('a', {
      containers: [
        container({ ...init, sidecar: true, started: true, state: running() }),
        container({ ready: true }),
      ],
    }),
  ],
])('%s', (words, given) => expect(describePod(given)).toBe(words))
