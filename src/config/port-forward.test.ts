import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'

const parse = (value: string) =>
  parseConfig({
    text: `services:\n  tour: {}\nportForward: ${value}\n`,
    file: '/shop/dev.config.yaml',
    env: {},
    home: '/home/ann',
    cpus: 2,
    defaultManifests: [],
  })

const plain = { port: undefined, local: undefined, namespace: undefined, address: undefined }

describe('portForward', () => {
  test.each([
    ['auto', true, []],
    ['true', true, []],
    ['off', false, []],
    ['false', false, []],
    ['[]', true, []],
    ['{ auto: false, forwards: [svc/tour] }', false, [{ ...plain, kind: 'service', name: 'tour' }]],
    ["['service/tour-srv:3000']", true, [{ ...plain, kind: 'service', name: 'tour-srv', port: 3000 }]],
    ["['sts/mysql:db']", true, [{ ...plain, kind: 'statefulset', name: 'mysql', port: 'db' }]],
    ['[{ to: pod/mysql-0, port: 3306 }]', true, [{ ...plain, kind: 'pod', name: 'mysql-0', port: 3306 }]],
    [
      '[{ to: service/tour-srv, port: http, local: 3001, namespace: shop, address: 0.0.0.0 }]',
      true,
      [
        {
          kind: 'service',
          name: 'tour-srv',
          port: 'http',
          local: 3001,
          namespace: 'shop',
          address: '0.0.0.0',
        },
      ],
    ],
  ])('%s', (value, auto, forwards) => {
    const result = parse(value)
    expect(result.ok && result.value.project.portForward).toEqual({ auto, forwards })
  })

  test.each([
    ['[tour-srv]', '"tour-srv" must say what it is, as in service/web', 'write "service/tour-srv"'],
    ['[{ port: 80 }]', '"to" is missing', undefined],
    [
      '[servce/tour]',
      '"servce/tour" names a kind "servce" that has no ports to forward',
      'did you mean "service/tour"?',
    ],
    ["['svc/tour:0']", '"svc/tour:0" must end with a port from 1 to 65535', undefined],
    ["['svc/tour:']", '"svc/tour:" ends with no port: a number, or the name of one', undefined],
    [
      "['svc/tour:1:2']",
      '"svc/tour:1:2" must be KIND/NAME or KIND/NAME:PORT, as in service/web:80',
      undefined,
    ],
    [
      "[{ to: 'svc/tour:1', port: 2 }]",
      'the port is said twice, here and in "svc/tour:1"',
      'keep one of the two',
    ],
    [
      '[{ to: svc/tour, address: localhost }]',
      '"localhost" is no IP address',
      'as in 0.0.0.0, for every address of this machine',
    ],
    [
      '[{ to: svc/a, local: 3000 }, { to: svc/b, local: 3000 }]',
      'port 3000 is the local port of another entry, too',
      'give each its own, or leave one out: devloop then takes one that is free',
    ],
  ])('refuses %s', (value, message, suggestion) => {
    expect(parse(value)).toMatchObject({
      ok: false,
      error: {
        diagnostics: [
          expect.objectContaining({ message, ...(suggestion === undefined ? {} : { suggestion }) }),
        ],
      },
    })
  })
})
