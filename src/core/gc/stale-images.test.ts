import { describe, expect, it } from 'vitest'
import { type GcFacts, namesWithAliases, type StoredImage, staleImages, tagsIn } from './stale-images.js'

const hex = (n: number) => n.toString(16).padStart(12, '0')
const tag = (n: number) => `dev-${hex(n)}`

/** Image n of shop/web, made at the time n. */
const image = (n: number, over: Partial<StoredImage> = {}): StoredImage => ({
  id: `sha256:${hex(n)}${'0'.repeat(52)}`,
  references: [`shop/web:${tag(n)}`],
  createdAt: n,
  uniqueBytes: n,
  containers: 0,
  ...over,
})

const facts = (over: Partial<GcFacts>): GcFacts => ({
  repositories: new Map([['docker.io/shop/web', 1]]),
  host: [],
  nodes: [],
  usedTags: new Set(),
  lastUsed: new Map(),
  keep: 2,
  ...over,
})

const five = [1, 2, 3, 4, 5].map(n => image(n))

describe('images that nothing needs', () => {
  it.each<[what: string, given: Partial<GcFacts>, stale: readonly number[]]>([
    ['all but the last few', { host: five }, [1, 2, 3]],
    [
      'by last use, not by age',
      { host: five, lastUsed: new Map([[`docker.io/shop/web:${tag(1)}`, 9]]) },
      [2, 3, 4],
    ],
    ['none that runs or may be gone back to', { host: five, usedTags: new Set([tag(1), tag(3)]) }, [2]],
    ['none that a container is made of', { host: [image(1, { containers: 1 }), ...five.slice(1)] }, [2, 3]],
    [
      'more of a repository that services share',
      { host: five, repositories: new Map([['docker.io/shop/web', 2]]) },
      [1],
    ],
    [
      'none of a repository that no service has',
      { host: five, repositories: new Map([['docker.io/shop/api', 1]]) },
      [],
    ],
  ])('%s', (_what, given, stale) => {
    const { host } = staleImages(facts(given))
    expect(host.map(({ reference }) => reference).sort()).toEqual(stale.map(n => `shop/web:${tag(n)}`))
  })

  it.each([
    ['a tag of somebody else', image(1, { references: ['shop/web:v1'] })],
    ['a tag that only looks like ours', image(1, { references: [`shop/web:${tag(9)}`] })],
    ['a longer tag', image(1, { references: [`shop/web:${tag(1)}0`] })],
    ['no name at all', image(1, { references: [] })],
  ])('never %s', (_what, foreign) => {
    expect(staleImages(facts({ host: [foreign, ...five.slice(1)], keep: 4 })).host).toEqual([])
  })

  it('takes the name alone from an image that has another', () => {
    const shared = image(1, { references: [`shop/web:${tag(1)}`, 'mine:v1'] })
    const { host, kept } = staleImages(facts({ host: [shared, ...five.slice(1)], keep: 4 }))
    expect({ host, kept }).toEqual({ host: [{ reference: `shop/web:${tag(1)}`, uniqueBytes: 0 }], kept: 4 })
  })

  it('are chosen alike in the engine and on every node', () => {
    const names = [1, 2, 5].map(n => `docker.io/shop/web:${tag(n)}`)
    const nodes = [
      { node: 'one', names: [...names, 'docker.io/shop/web:v1'] },
      { node: 'two', names: names.slice(2) },
    ]
    expect(staleImages(facts({ host: five.slice(2), nodes })).nodes).toEqual([
      { node: 'one', names: names.slice(0, 2) },
    ])
  })
})

describe('tags that something speaks of', () => {
  it('are found wherever they are', () => {
    const values = [
      { spec: { containers: [{ image: `reg:5000/shop/web:${tag(1)}` }] } },
      { data: { spec: { custom: `shop/web:${tag(2)}@sha256:00` } } },
      `shop/web:${tag(3)}f`,
      undefined,
    ]
    expect([...tagsIn(values)]).toEqual([tag(1), tag(2)])
  })
})

describe('names in a node', () => {
  const references = new Map([
    ['web:1', 'd1'],
    ['sha256:c1', 'd1'],
    ['web:2', 'd2'],
    ['other:2', 'd2'],
    ['sha256:c2', 'd2'],
  ])
  it.each([
    [['web:1'], ['web:1', 'sha256:c1']],
    [['web:2'], ['web:2']],
    [
      ['web:2', 'other:2'],
      ['web:2', 'other:2', 'sha256:c2'],
    ],
    [['gone:1'], []],
  ])('%j', (stale, removed) => {
    expect(namesWithAliases(stale, references)).toEqual(removed)
  })
})
