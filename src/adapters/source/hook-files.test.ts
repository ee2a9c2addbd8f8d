import { appendFile, mkdir, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pathPattern } from '../../core/hooks/path-pattern.js'
import { growingFile, isSlowToWrite } from './growing-file.js'
import { createHookFiles } from './hook-files.js'

let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devloop [hooks]-')))
})
afterEach(() => rm(root, { recursive: true }))

async function files(tree: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

describe('the digest of what a hook reads', () => {
  const before = {
    'src/a.java': 'a',
    'src/gen/b.java': 'b',
    'pom.xml': 'p',
    'src/node_modules/x/i.js': 'x',
    'doc.md': 'd',
  }
  it.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['a file in a folder', { 'src/a.java': 'A' }, true],
    ['a new file in a folder', { 'src/deep/c.java': 'c' }, true],
    ['a file by its name', { 'pom.xml': 'q' }, true],
    ['a file that was not there', { 'extra/one.txt': '1' }, true],
    ['the same content', { 'src/a.java': 'a', 'pom.xml': 'p' }, false],
    ['a file beside', { 'doc.md': 'D' }, false],
    ['what it writes itself', { 'src/gen/b.java': 'B' }, false],
    ['what is installed', { 'src/node_modules/x/i.js': 'y' }, false],
    ['an editor side file', { 'src/.a.java.swp': 's' }, false],
  ])('%s', async (_name, change, differs) => {
    await files(before)
    const hooks = createHookFiles()
    const inputs = ['src', './pom.xml', 'extra/*.txt'].map(text => pathPattern(text, root))
    const except = [pathPattern('src/gen', root)]
    const options = { except, signal: new AbortController().signal }
    const first = await hooks.digest(inputs, options)
    await files(change)
    expect((await hooks.digest(inputs, options)) !== first).toBe(differs)
  })
})

describe('a file that grows', () => {
  const found = async (path: string, age: number, size = 10) => {
    const { mtimeMs } = await stat(join(root, path))
    const files = [{ path, type: 'file' as const, mode: 0o644, size }].filter(isSlowToWrite)
    return growingFile(root, files, () => mtimeMs + age)
  }
  const end = `PK\x05\x06${'\0'.repeat(18)}`

  it.each<[string, string, string, number, boolean]>([
    ['half an archive', 'app.war', 'PK\x03\x04 half', 0, true],
    ['a whole archive, at once', 'app.war', `PK\x03\x04 all${end}`, 0, false],
    ['an archive that stays half for long', 'app.jar', 'PK\x03\x04 half', 6000, false],
    ['an end record in the middle', 'app.zip', `PK\x03\x04${end} and more`, 0, true],
    ['a packed file that was just written', 'app.tar.gz', 'x', 0, true],
    ['a packed file that rests', 'app.tar.gz', 'x', 1000, false],
    ['an ordinary file', 'main.go', 'package', 0, false],
  ])('%s', async (_name, path, text, age, grows) => {
    await writeFile(join(root, path), text, 'latin1')
    expect(await found(path, age)).toBe(grows ? path : undefined)
  })

  it('counts as one by its size, whatever its name', async () => {
    await appendFile(join(root, 'server'), 'x')
    expect(await found('server', 0, 20e6)).toBe('server')
    expect(await found('server', 1000, 20e6)).toBeUndefined()
  })
})
