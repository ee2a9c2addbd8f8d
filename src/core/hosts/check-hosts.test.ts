import { describe, expect, test } from 'vitest'
import { type KubeObject, refKey, refOf } from '../kube-object.js'
import { checkHosts, type HostsFacts } from './check-hosts.js'
import { addressOf, addressOfPorts, type HostAddress } from './host-address.js'
import { hostNameKind } from './host-name.js'

const ID = 'tours@kind-dev'
const block = (...lines: readonly string[]) =>
  [`# BEGIN devloop ${ID}`, ...lines, `# END devloop ${ID}`, ''].join('\n')

const LOCAL: HostAddress = { kind: 'known', address: '127.0.0.1' }

function check(
  name: string,
  {
    text = '',
    resolved = [],
    cluster = LOCAL,
    ...over
  }: Partial<Omit<HostsFacts, 'resolved'>> & { readonly resolved?: readonly string[] } = {},
) {
  const { report, block: lines } = checkHosts({
    wanted: [{ name, kind: hostNameKind(name), wantedBy: ['ingress/tour in a.yaml:1'], objects: [] }],
    cluster,
    live: new Map(),
    resolved: new Map([[name, resolved]]),
    file: '/etc/hosts',
    text,
    id: ID,
    notes: [],
    ...over,
  })
  const [host] = report.names
  return { state: host?.state, hint: host?.hint, missing: report.lines, block: lines, notes: report.notes }
}

const LINE = '127.0.0.1 tour.xyz'

describe('one name', () => {
  test.each([
    ['nothing knows it', { resolved: [] }, 'missing', [LINE], [LINE]],
    ['DNS has another address', { resolved: ['93.184.216.34'] }, 'wrong', [LINE], [LINE]],
    ['the system answers rightly by itself', { resolved: ['127.0.0.1', '::1'] }, 'ok', [], []],
    [
      'one of two answers is another machine',
      { resolved: ['127.0.0.1', '10.0.0.1'] },
      'wrong',
      [LINE],
      [LINE],
    ],
    ['our block has it', { text: block(LINE), resolved: ['127.0.0.1'] }, 'ok', [], [LINE]],
    [
      'our block has it with an older address',
      { text: block('172.18.0.2 tour.xyz'), resolved: ['172.18.0.2'] },
      'wrong',
      [LINE],
      [LINE],
    ],
    [
      'the file has it by itself',
      { text: '127.0.0.1 a TOUR.xyz # mine\n', resolved: ['127.0.0.1'] },
      'ok',
      [],
      [],
    ],
    ['a comment is no line', { text: '# 127.0.0.1 tour.xyz\n' }, 'missing', [LINE], [LINE]],
    ['::1 in the file is this machine, too', { text: '::1 tour.xyz\n', resolved: ['::1'] }, 'ok', [], []],
  ] as const)('%s', (_, facts, state, missing, lines) => {
    expect(check('tour.xyz', facts)).toMatchObject({ state, missing, block: lines })
  })

  test('a line of somebody else with another address is reported and left', () => {
    const text = 'x\n10.0.0.5 tour.xyz www\n'
    const hint = "/etc/hosts:2 maps it to 10.0.0.5; that line is not devloop's: change or delete it"
    expect(check('tour.xyz', { text, resolved: ['10.0.0.5'] })).toEqual({
      state: 'wrong',
      hint,
      missing: [],
      block: [],
      notes: undefined,
    })
  })

  test('the right line, and it resolves otherwise all the same', () => {
    for (const text of [`${LINE}\n`, block(LINE)]) {
      const found = check('tour.xyz', { text, resolved: ['10.0.0.1'] })
      expect(found).toMatchObject({ state: 'wrong', missing: [] })
      expect(found.hint).toContain('/etc/hosts has the right line')
    }
  })

  test.each([
    ['*.tour.xyz', 'unknown', /no wildcards: name the hosts that you open under "hosts:"/],
    ['a_b.xyz', 'unknown', /^it is no host name$/],
    ['tour.localhost', 'ok', /browsers find it by themselves/],
  ] as const)('%s needs no line', (name, state, hint) => {
    const found = check(name)
    expect(found).toMatchObject({ state, missing: [], block: [] })
    expect(found.hint).toMatch(hint)
  })

  test('a wildcard of which some names are named is no matter any more', () => {
    const names = ['*.tour.xyz', 'admin.tour.xyz', 'xtour.xyz']
    const wanted = names.map(name => ({ name, kind: hostNameKind(name), wantedBy: [], objects: [] }))
    expect(check('*.tour.xyz', { wanted })).toMatchObject({
      state: 'ok',
      hint: 'a hosts file has no wildcards; named besides: admin.tour.xyz',
    })
    expect(check('*.tour.xyz', { wanted: wanted.slice(0, 1) }).state).toBe('unknown')
  })

  test('*.localhost cannot lead to a cluster elsewhere', () => {
    const cluster = { kind: 'known', address: '192.168.49.2' } as const
    expect(check('tour.localhost', { cluster }).state).toBe('wrong')
  })

  test('no address: the reason is the hint', () => {
    const cluster = { kind: 'unknown', reason: 'the cluster does not answer' } as const
    expect(check('tour.xyz', { cluster })).toMatchObject({
      state: 'unknown',
      hint: 'the cluster does not answer',
      missing: [],
    })
    expect(check('tour.xyz', { cluster, text: block(LINE) })).toMatchObject({ missing: [], block: [LINE] })
  })

  test("IPv6 is an address like others, and the provider's note is told", () => {
    const cluster = { kind: 'known', address: 'fd00::2', note: 'at port 8080' } as const
    expect(check('tour.xyz', { cluster, notes: ['WSL'] })).toMatchObject({
      missing: ['fd00::2 tour.xyz'],
      notes: ['at port 8080', 'WSL'],
    })
  })
})

describe('the address of published ports', () => {
  const port = (PrivatePort: number, PublicPort?: number, IP = '0.0.0.0') => ({
    PrivatePort,
    IP,
    ...(PublicPort === undefined ? {} : { PublicPort }),
  })
  const api = port(6443, 41735, '127.0.0.1')
  test.each([
    ['80 as it is', [api, port(80, 80)], { kind: 'known', address: '127.0.0.1' }],
    [
      '443 alone, on one address',
      [api, port(443, 443, '127.0.0.2')],
      { kind: 'known', address: '127.0.0.2' },
    ],
    ['80 over both families', [port(80, 80, '::'), port(80, 80)], { kind: 'known', address: '127.0.0.1' }],
    [
      '80 elsewhere',
      [api, port(80, 8080)],
      { kind: 'known', address: '127.0.0.1', note: 'it answers on this machine at port 8080 (for 80)' },
    ],
    [
      'no port',
      [api, port(80)],
      { kind: 'published', otherwise: "it publishes no port on this machine but the API server's: do so" },
    ],
  ] as const)('%s', (_, ports, expected) => {
    expect(addressOfPorts(ports, { what: 'it', apiPort: 6443, remedy: 'do so' })).toEqual(expected)
  })
  test('NodePorts alone', () => {
    const found = addressOfPorts([api, port(30001, 30001), port(30002, 30002)], {
      what: 'it',
      apiPort: 6443,
      remedy: '',
    })
    expect(found).toMatchObject({ kind: 'known', address: '127.0.0.1' })
    expect(JSON.stringify(found)).toContain('only 30001, 30002')
  })
})

describe('the address that a status has', () => {
  const object = (status: unknown): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'tour', namespace: 'shop' },
    status,
  })
  const published = { kind: 'published', otherwise: 'no address yet' } as const
  test.each([
    [{ loadBalancer: { ingress: [{ ip: '10.1.2.3' }] } }, { kind: 'known', address: '10.1.2.3' }],
    [{ loadBalancer: { ingress: [{ hostname: 'localhost' }] } }, { kind: 'known', address: '127.0.0.1' }],
    [{ addresses: [{ type: 'IPAddress', value: 'fd00::1' }] }, { kind: 'known', address: 'fd00::1' }],
    [{ loadBalancer: {} }, { kind: 'unknown', reason: 'no address yet' }],
    [undefined, { kind: 'unknown', reason: 'no address yet' }],
    [
      { loadBalancer: { ingress: [{ hostname: 'x.elb.amazonaws.com' }] } },
      {
        kind: 'unknown',
        reason:
          'the cluster answers at the name x.elb.amazonaws.com, which a hosts file cannot take: its DNS must lead there',
      },
    ],
  ])('%j', (status, expected) => {
    const live = object(status)
    const ref = refOf(live)
    expect(addressOf({ objects: [ref] }, published, new Map([[refKey(ref), live]]))).toEqual(expected)
  })
})

describe('names that the gateway on this machine serves', () => {
  const elsewhere: HostAddress = { kind: 'known', address: '192.168.49.2', note: 'the tunnel must run' }
  const nowhere: HostAddress = { kind: 'unknown', reason: 'there is no cluster yet' }
  const ports = addressOfPorts([{ PrivatePort: 30001, PublicPort: 30001 }], {
    what: 'kind cluster "dev"',
    apiPort: 6443,
    remedy: '',
  })
  const at8080 = { port: 8080, isRunning: true }
  const served = 'the gateway on this machine serves http://tour.xyz:8080/'
  test.each([
    ['kind that publishes NodePorts alone', ports, at8080, LINE, served],
    ['minikube, or a machine of its own', elsewhere, at8080, LINE, served],
    ['a cluster that is not there', nowhere, at8080, LINE, served],
    [
      'a cluster elsewhere whose Ingress has no address',
      { kind: 'published', otherwise: 'none' } as const,
      at8080,
      LINE,
      served,
    ],
    ['port 80 goes without saying', ports, { port: 80, isRunning: true }, LINE, served.replace(':8080', '')],
    [
      'before it runs',
      ports,
      { port: 8080, isRunning: false },
      LINE,
      '"devloop up" serves on this machine http://tour.xyz:8080/',
    ],
    [
      'at a port that is chosen later',
      ports,
      { port: 0, isRunning: false },
      LINE,
      '"devloop up" serves on this machine http://tour.xyz, at a port that is free when it starts',
    ],
    ['no gateway: the cluster', elsewhere, undefined, '192.168.49.2 tour.xyz', 'the tunnel must run'],
  ] as const)('%s', (_, cluster, gateway, line, note) => {
    expect(check('tour.xyz', { cluster, gateway })).toMatchObject({ missing: [line], notes: [note] })
  })

  test('systems add what concerns them, and many names are not all told', () => {
    const names = ['a.xyz', 'b.xyz', 'c.xyz', 'd.xyz', 'e.xyz', 'f.xyz', 'g.xyz', '*.xyz']
    const wanted = names.map(name => ({ name, kind: hostNameKind(name), wantedBy: [], objects: [] }))
    const { notes } = check('a.xyz', {
      gateway: at8080,
      wanted,
      notes: ['browsers of Windows read another file'],
    })
    expect(notes).toEqual([
      expect.stringMatching(/^the gateway on this machine serves http:\/\/a\.xyz:8080\/, .*, 1 more$/),
      'browsers of Windows read another file',
    ])
  })

  test("a name of gRPC or TLS routes alone is the cluster's", () => {
    const ref = (kind: string) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind, name: 'r' })
    const wanted = (...kinds: readonly string[]) => [
      { name: 'tour.xyz', kind: 'plain' as const, wantedBy: [], objects: kinds.map(ref) },
    ]
    const about = { cluster: elsewhere, gateway: at8080 }
    expect(check('tour.xyz', { ...about, wanted: wanted('GRPCRoute') })).toMatchObject({
      missing: ['192.168.49.2 tour.xyz'],
      notes: ['the tunnel must run'],
    })
    expect(check('tour.xyz', { ...about, wanted: wanted('TLSRoute', 'HTTPRoute') }).missing).toEqual([LINE])
  })
})
