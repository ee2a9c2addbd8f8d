import { expect, test } from 'vitest'
import { formatFieldPath, getAtPath, parseFieldPath, removeAtPath, setAtPath } from './field-path.js'

const service = {
  metadata: { annotations: { 'a.b/c.d': '1', a: '2' } },
  spec: {
    ports: [
      { port: 80, nodePort: 30080 },
      { port: 80, protocol: 'UDP', nodePort: 30081 },
      { port: 443, protocol: 'TCP' },
    ],
    finalizers: ['x=y]', 'z'],
    rows: [['a'], ['b']],
  },
}

test.each([
  ['.spec.ports[port=80,protocol="TCP"].nodePort', 30080],
  ['.spec.ports[port=80,protocol="UDP"].nodePort', 30081],
  ['.spec.ports[port=443,protocol="TCP"].nodePort', undefined],
  ['.metadata.annotations.a.b/c.d', '1'],
  ['.metadata.annotations.a', '2'],
  ['.spec.finalizers[="x=y]"]', 'x=y]'],
  ['.spec.rows[1][0]', 'b'],
  ['.spec.absent.deeper', undefined],
])('%s is read and written as the API server does', (text, value) => {
  const path = parseFieldPath(text, service)
  expect(path).toBeDefined()
  expect(formatFieldPath(path ?? [])).toBe(text)
  expect(getAtPath(service, path ?? [])).toEqual(value)
  if (value !== undefined) expect(getAtPath(removeAtPath(service, path ?? []), path ?? [])).toBeUndefined()
  else expect(removeAtPath(service, path ?? [])).toEqual(service)
})

test.each(['spec', '.spec[', '.spec.ports[port=]', '.spec.ports[=x]', '..'])('%s is no path', text => {
  expect(parseFieldPath(text, service)).toBeUndefined()
})

test('setting makes the way to the value and leaves the original alone', () => {
  const path = parseFieldPath('.spec.containers[name="a"].image', {}) ?? []
  const first = setAtPath({}, path, 'one')
  const second = setAtPath(first, path, 'two')
  expect(first).toEqual({ spec: { containers: [{ name: 'a', image: 'one' }] } })
  expect(second).toEqual({ spec: { containers: [{ name: 'a', image: 'two' }] } })
})
