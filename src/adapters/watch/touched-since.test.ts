import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { touchedSince } from './touched-since.js'

describe('whether manifests were touched', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'devloop-touched-'))
    await mkdir(join(folder, 'k8s/apps'), { recursive: true })
    await mkdir(join(folder, 'elsewhere'))
    await writeFile(join(folder, 'k8s/apps/a.yaml'), 'a')
    await writeFile(join(folder, 'values.yaml'), 'v')
    await writeFile(join(folder, 'elsewhere/new.yaml'), 'n')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it.each<[what: string, act: (at: (path: string) => string) => Promise<unknown>, touched: boolean]>([
    ['nothing', async () => {}, false],
    ['a file elsewhere', at => writeFile(at('elsewhere/x.yaml'), 'x'), false],
    ['a file that is an input', at => writeFile(at('values.yaml'), 'w'), true],
    ['a file deep in a folder', at => writeFile(at('k8s/apps/a.yaml'), 'b'), true],
    ['a new file', at => writeFile(at('k8s/apps/b.yaml'), 'b'), true],
    ['one that was deleted', at => rm(at('k8s/apps/a.yaml')), true],
    [
      'one that was moved in with its old time',
      at => rename(at('elsewhere/new.yaml'), at('k8s/new.yaml')),
      true,
    ],
    ['a time that somebody set', at => utimes(at('values.yaml'), 1, 1), true],
    ['an input that is there now', at => writeFile(at('missing.yaml'), 'm'), true],
  ])('%s', async (_what, act, touched) => {
    const at = (path: string) => join(folder, path)
    const made = Date.now()
    // Past the tick of the file system's clock.
    await vi.waitUntil(() => Date.now() > made + 60, { interval: 5 })
    const since = Date.now()
    await act(at)
    const inputs = { files: [at('values.yaml'), at('missing.yaml')], folders: [at('k8s')] }
    expect(await touchedSince(inputs, since)).toBe(touched)
  })
})
