import { expect, test } from 'vitest'
import type { HostName } from '../core/hosts/hosts-report.js'
import { formatHosts, formatReport } from './format-hosts.js'

const host = (over: Partial<HostName>): HostName => ({
  name: 'tour.xyz',
  wantedBy: ['ingress/tour in k8s/a.yaml:3'],
  address: '127.0.0.1',
  resolvesTo: [],
  state: 'missing',
  ...over,
})
const line = '127.0.0.1 tour.xyz'

test.each([
  [
    host({ line }),
    'tour.xyz is not known here: add "127.0.0.1 tour.xyz" to /etc/hosts, or run devloop hosts apply',
  ],
  [
    host({ state: 'wrong', resolvesTo: ['10.0.0.1', '10.0.0.2'], line }),
    'tour.xyz leads to 10.0.0.1, 10.0.0.2 here, not to 127.0.0.1: add "127.0.0.1 tour.xyz" to /etc/hosts, or run devloop hosts apply',
  ],
  [
    host({ state: 'wrong', resolvesTo: ['10.0.0.1'], hint: '/etc/hosts:2 maps it' }),
    'tour.xyz leads to 10.0.0.1 here, not to 127.0.0.1: /etc/hosts:2 maps it',
  ],
  [host({ state: 'ok', resolvesTo: ['127.0.0.1'] }), 'tour.xyz leads to 127.0.0.1 here now'],
])('a name in a line of text', (name, text) => {
  expect(formatHosts('/etc/hosts', [name])).toEqual([text])
})

test('names that are not known for one reason are told together', () => {
  const unknown = (name: string, hint: string) => host({ name, state: 'unknown', address: undefined, hint })
  expect(
    formatHosts('/etc/hosts', [
      unknown('a.xyz', 'no cluster'),
      unknown('b.xyz', 'other'),
      unknown('c.xyz', 'no cluster'),
    ]),
  ).toEqual(['a.xyz, c.xyz: no cluster', 'b.xyz: other'])
})

test('the report: each name with who wants it, the lines that are missing, and notes', () => {
  const names = [
    host({ line }),
    host({ name: '*.tour.xyz', state: 'unknown', address: undefined, hint: 'no wildcards' }),
  ]
  expect(formatReport({ file: '/etc/hosts', names, lines: [line], notes: ['at port 8080'] })).toEqual([
    'tour.xyz    ✗ unknown here, resolves to nothing, must be 127.0.0.1',
    '            wanted by ingress/tour in k8s/a.yaml:3',
    '*.tour.xyz  ? not known',
    '            → no wildcards',
    '            wanted by ingress/tour in k8s/a.yaml:3',
    '',
    'Missing in /etc/hosts (devloop hosts apply adds them):',
    '  127.0.0.1 tour.xyz',
    '',
    'at port 8080',
  ])
  expect(formatReport({ file: '/etc/hosts', names: [], lines: [] })).toEqual([
    'Neither the manifests nor "hosts:" in the config name a host.',
  ])
})
