import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { type DebugRuntime, withDebugger } from './with-debugger.js'

const path = ['spec', 'template', 'spec', 'containers', 0, 'image']
const images = [{ path, container: 'app', image: 'tour', service: 'tour', init: false }]
const object = (container: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'tour' },
  spec: { template: { spec: { containers: [container] } } },
})
const AGENT = '-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005'

test.each<[what: string, runtime: DebugRuntime | undefined, before: object, after: object]>([
  ['nothing without a debugger', undefined, { livenessProbe: {} }, { livenessProbe: {} }],
  ['nothing of Node without a liveness probe', 'node', { readinessProbe: {} }, { readinessProbe: {} }],
  [
    'every probe waits where one could end the process',
    'node',
    { livenessProbe: { periodSeconds: 1 }, readinessProbe: { timeoutSeconds: 1 } },
    {
      livenessProbe: { periodSeconds: 1, timeoutSeconds: 3600 },
      readinessProbe: { timeoutSeconds: 3600 },
    },
  ],
  ['a JVM has its agent', 'jvm', {}, { env: [{ name: 'JAVA_TOOL_OPTIONS', value: AGENT }] }],
  [
    'beside options of its own',
    'jvm',
    {
      env: [
        { name: 'JAVA_TOOL_OPTIONS', value: '-Xmx1g' },
        { name: 'A', value: '1' },
      ],
    },
    {
      env: [
        { name: 'JAVA_TOOL_OPTIONS', value: `-Xmx1g ${AGENT}` },
        { name: 'A', value: '1' },
      ],
    },
  ],
])('%s', (_what, runtime, before, after) => {
  const debug = new Map(runtime === undefined ? [] : [['tour', runtime] as const])
  expect(withDebugger(object(before), { images }, debug)).toEqual(object(after))
})
