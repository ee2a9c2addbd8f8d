import { expect, it } from 'vitest'
import type { ServiceReport, StatusReport } from '../core/status-report.js'
import { formatStatus } from './format-status.js'

const service = (of: Pick<ServiceReport, 'save' | 'liveSave'>): ServiceReport => ({
  name: 'web',
  phase: 'live',
  message: undefined,
  liveAt: undefined,
  stages: {},
  image: undefined,
  pods: [],
  problem: undefined,
  paused: undefined,
  ...of,
})

const report = (over: Pick<StatusReport, 'save' | 'live' | 'services'>): StatusReport => ({
  project: 'shop',
  context: 'kind-dev',
  connected: true,
  overrides: [],
  addresses: [],
  forwards: [],
  problems: [],
  ...over,
})

it.each([
  [
    'before the first save',
    report({ save: 0, live: true, services: [service({ save: 0, liveSave: 0 })] }),
    'shop on kind-dev: the tree as it was found is live\n✓ web       live  (as found)\n',
  ],
  [
    'while one is on its way',
    report({ save: 2, live: false, services: [service({ save: 2, liveSave: 0 })] }),
    'shop on kind-dev: save 2 is not live yet\n✓ web       live  (save 2, live: as found)\n',
  ],
  [
    'where nothing was live yet',
    report({ save: 1, live: false, services: [service({ save: 1, liveSave: undefined })] }),
    'shop on kind-dev: save 1 is not live yet\n✓ web       live  (save 1)\n',
  ],
])('says which save is live %s', (_, given, text) => {
  expect(formatStatus(given, 0)).toBe(text)
})

it('names what a problem is about once', () => {
  const problems = [
    {
      of: 'deployment/web -n shop',
      kind: 'apply-rejected',
      title: 'deployment/web -n shop: the API server finds it invalid',
    },
    { of: 'manifests', kind: 'render-failed', title: 'the manifests have 1 error' },
  ]
  const given = { ...report({ save: 0, live: false, services: [] }), problems }
  expect(formatStatus(given, 0).split('\n').slice(1)).toEqual([
    '✗ deployment/web -n shop: the API server finds it invalid',
    '✗ manifests: the manifests have 1 error',
    '',
  ])
})
