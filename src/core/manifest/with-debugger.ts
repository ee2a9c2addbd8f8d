import type { KubeObject } from '../kube-object.js'
import { type Fields, fieldsOf, isFields, itemsOf, valueAt, withValueAt } from './fields.js'
import type { LinkedObject } from './link.js'

/** What a service is debugged as. */
export type DebugRuntime = 'node' | 'jvm'

/** Where a JVM listens for its debugger, within the pod. */
export const JVM_PORT = 5005

/** Of Java 9 and later `address=PORT` listens at localhost alone, which is where a port-forward comes from. */
const AGENT = `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=${JVM_PORT}`

/** Seconds that a probe of a stopped process may take: as long as anybody looks at one breakpoint. */
const STOPPED = 3600

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const

/**
 * The object with the containers of services made so that a debugger can stop them. Where a probe could end the process, all its probes are given an hour to
 * be answered: the kubelet waits for one before it sends the next. A JVM gets its debug agent by `JAVA_TOOL_OPTIONS`.
 */
export function withDebugger(
  object: KubeObject,
  { images }: Pick<LinkedObject, 'images'>,
  debug: ReadonlyMap<string, DebugRuntime>,
): KubeObject {
  let result = object
  for (const { path, service, init } of images) {
    const runtime = service === undefined || init ? undefined : debug.get(service)
    if (runtime === undefined) continue
    const container = path.slice(0, -1)
    const before = fieldsOf(valueAt(result, container))
    const patient = before.livenessProbe === undefined ? before : withPatience(before)
    result = withValueAt(result, container, runtime === 'jvm' ? withAgent(patient) : patient)
  }
  return result
}

function withPatience(container: Fields): Fields {
  const probes = PROBES.flatMap(name => {
    const probe = container[name]
    return isFields(probe) ? [[name, { ...probe, timeoutSeconds: STOPPED }] as const] : []
  })
  return { ...container, ...Object.fromEntries(probes) }
}

function withAgent(container: Fields): Fields {
  const env = itemsOf(container.env)
  const own = env.find(entry => fieldsOf(entry).name === OPTIONS)
  const given = fieldsOf(own).value
  const value = typeof given === 'string' && given !== '' ? `${given} ${AGENT}` : AGENT
  const entry = { name: OPTIONS, value }
  return {
    ...container,
    env: own === undefined ? [...env, entry] : env.map(other => (other === own ? entry : other)),
  }
}

const OPTIONS = 'JAVA_TOOL_OPTIONS'
