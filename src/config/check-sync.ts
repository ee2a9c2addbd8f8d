import { posix } from 'node:path'
import { type Finding, finding } from './finding.js'
import type { ServiceInput } from './service-schema.js'

/** File systems of the kernel: what is written there is no file. */
const KERNEL = /^\/(proc|sys|dev)(\/|$)/

/** What the schema cannot say of a service's `sync`: where files may not go, and rules that lead nowhere. */
export function checkSync(name: string, { sync = [] }: ServiceInput): readonly Finding[] {
  return sync.flatMap(({ match, strip, to }, index) => {
    const path = ['services', name, 'sync', index]
    const outside = (key: string, value: string) =>
      /^(\/|\.\.(\/|$))/.test(posix.normalize(value))
        ? [
            finding([...path, key], `"${value}" is not inside the build context`, {
              suggestion: 'write it relative to the context, as in src/**',
            }),
          ]
        : []
    return [
      ...outside('match', match),
      ...(strip === undefined ? [] : outside('strip', strip)),
      ...(KERNEL.test(posix.normalize(to))
        ? [finding([...path, 'to'], `"${to}" belongs to the kernel; files cannot go there`)]
        : []),
      ...(match.startsWith('!')
        ? [
            finding([...path, 'match'], `"${match}" would match nearly everything`, {
              suggestion:
                'name the files that go into the container; a file that no rule matches makes an image',
            }),
          ]
        : []),
    ]
  })
}
