import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { type AdviceFacts, adviceOf, contextNotice } from './advice.js'
import { contextShares } from './context-shares.js'
import { percentile, serviceTimes } from './percentiles.js'
import type { SaveRecord } from './save-record.js'

const record = (over: Partial<SaveRecord>): SaveRecord => ({
  service: 'a',
  save: 1,
  savedAt: 0,
  liveAt: 1000,
  stages: {},
  changed: [],
  more: 0,
  image: undefined,
  cached: undefined,
  load: undefined,
  contextBytes: undefined,
  ...over,
})

function workload(container: object, spec: object = {}, pod: object = {}, kind = 'Deployment'): KubeObject {
  const containers = [
    { name: 'proxy', readinessProbe: { initialDelaySeconds: 60 } },
    { name: 'a', ...container },
  ]
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'a' },
    spec: { ...spec, template: { spec: { ...pod, containers } } },
  }
}

/** Facts of a service of which this stage takes so many seconds. */
const facts = (stage: string, seconds: number, over: Partial<AdviceFacts> = {}): AdviceFacts => ({
  stages: [{ stage, p50: seconds * 1000, p95: seconds * 1000, count: 5 }],
  records: [],
  context: undefined,
  workloads: [],
  ...over,
})
const rollout = (seconds: number, object: KubeObject) =>
  facts('rollout', seconds, { workloads: [{ object, containers: ['a'] }] })
const context = (files: Readonly<Record<string, number>>) =>
  facts('build', 9, { context: contextShares(Object.entries(files).map(([path, size]) => ({ path, size }))) })
const shares = (files: number, path: string, bytes: number) =>
  contextShares([
    ...Array.from({ length: files }, (_, at) => ({ path: `${path}/${at}`, size: bytes / files })),
    { path: 'a.ts', size: 1 },
  ])
const load = (method: string, seconds: number) =>
  facts('load', seconds, { records: [record({ load: { method, sentBytes: 1 } })] })
const probe = (readinessProbe: object) => ({ readinessProbe })

describe('what would help', () => {
  it.each<[what: string, facts: AdviceFacts, advice: readonly (string | RegExp)[]]>([
    [
      'a context that is mostly made by a tool',
      context({ 'app/node_modules/x/a.js': 700e6, 'node_modules/b.js': 450e6, 'src/a.ts': 50e6 }),
      [
        'context 1.2 GB in 3 files, 96 % of it node_modules: add node_modules to .dockerignore, unless the image takes it from here',
      ],
    ],
    [
      'a large folder of the project',
      context({ 'data/x.bin': 80e6, 'a.ts': 1 }),
      [/100 % of it data: if the image does not/],
    ],
    ['a small context', context({ 'node_modules/a': 40e6 }), []],
    ['a context of many parts', context({ 'a/x': 40e6, 'b/x': 40e6, 'c/x': 40e6 }), []],
    [
      'an initial delay',
      rollout(34, workload(probe({ initialDelaySeconds: 30 }))),
      [
        /^rollout 34 s: the initial delay of the readiness probe of a is 30 s of that/,
        /"rollout: \{ fast: true \}" in the config would save about 33 s/,
      ],
    ],
    [
      'an initial delay that is the smaller part',
      rollout(90, workload(probe({ initialDelaySeconds: 30, periodSeconds: 1 }))),
      [/"rollout: \{ fast: true \}" in the config would save about 30 s/],
    ],
    [
      'a seldom probe',
      rollout(8, workload(probe({}))),
      [
        /asks every 10 s, so about 5 s pass unseen/,
        /"rollout: \{ fast: true \}" in the config would save about 4.5 s/,
      ],
    ],
    ['a frequent probe', rollout(8, workload(probe({ periodSeconds: 1 }))), []],
    ['a rollout that is quick', rollout(0.2, workload(probe({}))), []],
    [
      'minReadySeconds',
      rollout(12, workload({}, { minReadySeconds: 10 })),
      [/minReadySeconds is 10 s of that/, /"rollout: \{ fast: true \}" in the config would save about 10 s/],
    ],
    [
      'an end that is waited for',
      rollout(31, workload({}, {}, {}, 'StatefulSet')),
      [
        /terminationGracePeriodSeconds is 30 s of that, so SIGTERM seems not to be handled/,
        /"rollout: \{ fast: true \}" in the config would save about 28 s/,
      ],
    ],
    [
      'an end that is waited for, by strategy',
      rollout(6, workload({}, { strategy: { type: 'Recreate' } }, { terminationGracePeriodSeconds: 5 })),
      [
        /terminationGracePeriodSeconds is 5 s/,
        /"rollout: \{ fast: true \}" in the config would save about 3 s/,
      ],
    ],
    ['an end that nobody waits for', rollout(31, workload({})), []],
    ['an end that is quick', rollout(5, workload({}, {}, {}, 'StatefulSet')), []],
    [
      'a slow way to the nodes',
      load('save', 12),
      [/^load 12 s: the whole image is saved and imported \(save\)/],
    ],
    [
      'layers that are sent again and again',
      facts('load', 3, { records: [record({ load: { method: 'filtered-save', sentBytes: 60e6 } })] }),
      [
        'load 3 s: the last save sent 60 MB of layers; in the Dockerfile, what changes seldom belongs above what changes often',
      ],
    ],
    [
      'the first load alone',
      facts('load', 3, { records: [record({ save: 0, load: { method: 'save', sentBytes: 60e6 } })] }),
      [],
    ],
    ['a slow way that takes no time', load('save', 0.1), []],
    ['the quick way', load('sparse-push', 12), []],
  ])('%s', (_what, given, expected) => {
    const messages = adviceOf(given).map(({ message }) => message)
    expect(messages).toEqual(
      expected.map(one => (typeof one === 'string' ? one : expect.stringMatching(one))),
    )
  })

  it('names the costliest stage first', () => {
    const given: AdviceFacts = {
      ...load('save', 2),
      stages: [
        { stage: 'load', p50: 2000, p95: 2000, count: 1 },
        { stage: 'rollout', p50: 40_000, p95: 40_000, count: 1 },
      ],
      workloads: [{ object: workload(probe({ initialDelaySeconds: 30 })), containers: ['a'] }],
    }
    expect(adviceOf(given).map(({ stage }) => stage)).toEqual(['rollout', 'rollout', 'load'])
  })
})

describe('times', () => {
  it.each([
    [[], 0, 0],
    [[5], 5, 5],
    [[4, 1, 3, 2], 2, 4],
    [Array.from({ length: 100 }, (_, at) => at + 1), 50, 95],
  ])('of %j', (values, p50, p95) => {
    expect([percentile(values, 0.5), percentile(values, 0.95)]).toEqual([p50, p95])
  })

  it('are those of saves by stage in their order, and of the start only where no save is known', () => {
    const records = [
      record({ save: 0, stages: { build: 9000 } }),
      record({ stages: { rollout: 5, build: 10 }, liveAt: 100 }),
      record({ service: 'b', save: 0, stages: { build: 7 } }),
      record({ save: 2, stages: { build: 30 }, liveAt: 50 }),
    ]
    const short = serviceTimes(records).map(
      ({ service, stages }) =>
        `${service}: ${stages.map(({ stage, p50, p95, count }) => `${stage} ${p50}/${p95} of ${count}`).join(', ')}`,
    )
    expect(short).toEqual(['a: build 10/30 of 2, rollout 5/5 of 1, total 50/100 of 2', 'b: build 7/7 of 1'])
  })

  it('count a rollout only of saves that had one', () => {
    const [times] = serviceTimes([
      record({ stages: { sync: 8, apply: 0, rollout: 0 } }),
      record({ save: 2, stages: { build: 9, apply: 0, rollout: 700 } }),
    ])
    expect(times?.stages.map(({ stage, p50, count }) => [stage, p50, count])).toEqual([
      ['build', 9, 1],
      ['sync', 8, 1],
      ['apply', 0, 1],
      ['rollout', 700, 1],
      ['total', 1000, 2],
    ])
  })
})

describe('what is said of a context when it is first read', () => {
  it.each([
    [
      'of megabytes that a tool made',
      shares(2, 'app/node_modules', 60e6),
      /^context 60 MB in 3 files, 100 % of it node_modules: add/,
    ],
    [
      'of many files that a tool made',
      shares(10_000, '.git', 1e6),
      /^context 1 MB in 10001 files, 100 % of it \.git: add/,
    ],
    ['of megabytes that somebody may want', shares(2, 'data', 60e6), undefined],
    ['of little that a tool made', shares(2, 'node_modules', 40e6), undefined],
  ])('%s', (_, context, expected) => {
    if (expected === undefined) expect(contextNotice(context)).toBeUndefined()
    else expect(contextNotice(context)).toMatch(expected)
  })
})
