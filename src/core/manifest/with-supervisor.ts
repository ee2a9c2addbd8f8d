import type { KubeObject } from '../kube-object.js'
import { type ImageProgram, supervised } from '../sync/supervise.js'
import { fieldsOf, itemsOf, valueAt, withValueAt } from './fields.js'
import type { LinkedObject } from './link.js'

/** The object with the commands of services' containers run by the supervisor, so that a sync can start them anew. `object` is `linked.object` with its images. */
export function withSupervisor(
  object: KubeObject,
  { images }: Pick<LinkedObject, 'images'>,
  programs: ReadonlyMap<string, ImageProgram>,
): KubeObject {
  let result = object
  for (const { path, service, init } of images) {
    const program = service === undefined || init ? undefined : programs.get(service)
    if (program === undefined) continue
    const container = path.slice(0, -1)
    const fields = fieldsOf(valueAt(object, container))
    const words = (key: 'command' | 'args'): readonly string[] | undefined =>
      fields[key] === undefined ? undefined : itemsOf(fields[key]).map(String)
    const wrapped = supervised({ command: words('command'), args: words('args') }, program)
    if (wrapped === undefined) continue
    result = withValueAt(result, [...container, 'command'], wrapped.command)
    result = withValueAt(result, [...container, 'args'], wrapped.args)
  }
  return result
}
