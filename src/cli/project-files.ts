import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessRunner } from '../ports/process-runner.js'

/** Folders that hold nothing that a person wrote. */
const IGNORED = new Set([
  'node_modules',
  '.git',
  'vendor',
  'target',
  'dist',
  'build',
  '.venv',
  '.idea',
  '.vscode',
  '.terraform',
])
const DEPTH = 12

/** The files of a folder, relative to it: what git would take, of repositories within it too, or without git all but folders that tools fill. */
export async function projectFiles(folder: string, runner: ProcessRunner): Promise<readonly string[]> {
  const listed = await runner.run(
    ['git', '-C', folder, 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { signal: new AbortController().signal },
  )
  if (!listed.ok) return walk(folder, '', 0)
  const paths = [...new Set(listed.value.stdout.split('\0'))].filter(
    path => path !== '' && !path.split('/').includes('node_modules'),
  )
  const found = await Promise.all(paths.map(path => withNested(folder, path, runner)))
  return found.flat()
}

/** A submodule, and a repository that nobody added, are one entry of git's: a folder. */
async function withNested(folder: string, path: string, runner: ProcessRunner): Promise<readonly string[]> {
  const nested = path.replace(/\/$/, '')
  const isRepository = existsSync(join(folder, nested, '.git'))
  if (!isRepository) return path.endsWith('/') ? [] : [path]
  const files = await projectFiles(join(folder, nested), runner)
  return files.map(file => `${nested}/${file}`)
}

async function walk(root: string, folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) return [path]
      return entry.isDirectory() && !IGNORED.has(entry.name) && depth < DEPTH
        ? walk(root, path, depth + 1)
        : []
    }),
  )
  return found.flat()
}
