import { describe, expect, test } from 'vitest'
import { type EndpointCheck, parseEndpoint, serviceOfHost } from './endpoint-check.js'

test.each([
  ['http', 'http://config:8888/actuator/health', 'config', 8888, '/actuator/health', false],
  ['http', 'http://config.infra?x=1', 'config.infra', 80, '/?x=1', false],
  ['http', 'https://[::1]/ok', '::1', 443, '/ok', true],
  ['tcp', 'mysql:3306', 'mysql', 3306, '', false],
  ['tcp', '[::1]:6379', '::1', 6379, '', false],
] as const)('%s %s', (kind, target, host, port, path, secure) => {
  expect(parseEndpoint(kind, target)).toEqual({
    ok: true,
    value: { kind, target, host, port, path, secure },
  })
})

test.each([
  ['http', 'config:8888'],
  ['http', 'ftp://config'],
  ['http', 'http://me:secret@config/'],
  ['http', ''],
  ['tcp', 'mysql'],
  ['tcp', 'mysql:0'],
  ['tcp', 'mysql:65536'],
  ['tcp', 'tcp://mysql:3306'],
] as const satisfies readonly (readonly [EndpointCheck['kind'], string])[])(
  '%s "%s" is refused',
  (kind, target) => {
    expect(parseEndpoint(kind, target).ok).toBe(false)
  },
)

describe('the Service that a host names', () => {
  test.each([
    ['config', { namespace: 'shop', name: 'config', certain: false }],
    ['config.infra', { namespace: 'infra', name: 'config', certain: false }],
    ['config.infra.svc', { namespace: 'infra', name: 'config', certain: true }],
    ['config.infra.svc.cluster.local', { namespace: 'infra', name: 'config', certain: true }],
    ['localhost', undefined],
    ['api.localhost', undefined],
    ['127.0.0.1', undefined],
    ['::1', undefined],
    ['db.example.com', undefined],
  ])('%s', (host, expected) => {
    expect(serviceOfHost(host, 'shop')).toEqual(expected)
  })
})
