import { expect, test } from 'vitest'
import { findRevision, type KeptRevisions, parseRevisionName } from './find-revision.js'

test.each([
  ['3', { workload: undefined, revision: 3 }],
  ['worker:12', { workload: 'worker', revision: 12 }],
  ['Deployment/web.v2:1', { workload: 'deployment/web.v2', revision: 1 }],
  ['0', undefined],
  ['-1', undefined],
  ['web', undefined],
  ['web:', undefined],
  ['', undefined],
])('%j is the name of a revision, or none', (text, name) => {
  expect(parseRevisionName(text)).toEqual(name)
})

const kept = (name: string, images: Readonly<Record<number, string>>, live: number): KeptRevisions => ({
  kind: 'Deployment',
  name,
  revisions: Object.entries(images).map(([revision, image]) => ({
    revision: Number(revision),
    image,
    save: undefined,
    createdAt: undefined,
    live: Number(revision) === live,
  })),
})

const web = kept('web', { 1: 'a', 2: 'b', 3: 'c', 4: 'c' }, 4)
const worker = kept('worker', { 1: 'a', 2: 'c', 3: 'b' }, 3)

test.each<[what: string, all: readonly KeptRevisions[], name: string, found: string | RegExp]>([
  ['by its number', [web], '2', 'b'],
  ['the same image in both', [web, worker], '1', 'a'],
  ['of one that is named', [web, worker], 'worker:2', 'c'],
  ['by kind and name', [web, worker], 'deployment/web:2', 'b'],
  ['of different images', [web, worker], '2', /name it as web:2 or worker:2$/],
  ['not kept', [web], '9', /^the cluster keeps no revision 9 of shop, but 4, 3, 2, 1$/],
  ['nothing kept', [kept('web', {}, 0)], '9', /^the cluster keeps no revision 9 of shop$/],
  ['of no workload', [web], 'api:1', /^shop has no workload api$/],
  ['what runs', [web], '4', /^shop runs revision 4 already$/],
  ['of the image that runs', [web], '3', /what else it had is in the manifests$/],
])('a revision %s', (_what, all, text, found) => {
  const name = parseRevisionName(text)
  if (name === undefined) throw new Error(text)
  const result = findRevision('shop', all, name)
  if (typeof found === 'string') expect(result).toMatchObject({ ok: true, value: { image: found } })
  else expect(result).toEqual({ ok: false, error: expect.stringMatching(found) })
})
