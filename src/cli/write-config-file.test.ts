import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeConfigFile } from './write-config-file.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-init-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('leaves the config and nothing beside it, also of one that was killed; what others write stays', async () => {
  const target = join(folder, 'dev.config.yaml')
  // Above every pid that a system gives.
  const dead = `${target}.999999999.new`
  const living = `${target}.${process.ppid}.new`
  for (const path of [dead, living, `${target}.mine.new`]) await writeFile(path, '')
  const calls: string[] = []
  const onInterrupt = () => {
    calls.push('on')
    return () => void calls.push('off')
  }
  expect(await writeConfigFile({ onInterrupt }, target, { text: 'a', force: false })).toBeUndefined()
  expect(await readFile(target, 'utf8')).toBe('a')
  expect((await readdir(folder)).map(name => join(folder, name)).sort()).toEqual(
    [target, living, `${target}.mine.new`].sort(),
  )
  expect(calls).toEqual(['on', 'off'])
  expect(await writeConfigFile({ onInterrupt }, target, { text: 'b', force: false })).toMatchObject({
    kind: 'usage-invalid',
  })
  expect(await readFile(target, 'utf8')).toBe('a')
})
