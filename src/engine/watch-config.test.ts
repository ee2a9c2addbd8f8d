import { expect, test } from 'vitest'
import type { Problem } from '../core/problem.js'
import { projectOf } from '../testing/states.js'
import { concernsConfig } from './watch-config.js'

const files = ['/shop/teams/a/dev.config.yaml']
const including = (pattern: string) => ({ ...projectOf(['a']), include: { files, patterns: [pattern] } })
const single = including('./teams/*/dev.config.yaml')
const deep = including('teams/**/dev.config.yaml')
const anywhere = including('**/dev.config.yaml')

const concerns = (path: string, what: 'file' | 'folder', project = single) =>
  concernsConfig(
    { paths: [path], folders: what === 'folder' ? [path] : [] },
    { project, configProblem: undefined },
  )

test.each([
  ['the config itself', single.configFile, 'file', single, true],
  ['a file that it includes', '/shop/teams/a/dev.config.yaml', 'file', single, true],
  ['a file that it would include', '/shop/teams/b/dev.config.yaml', 'file', single, true],
  ['a folder that came and may have one', '/shop/teams/b', 'folder', single, true],
  ['a folder that went with one, of which no more is known', '/shop/teams/a', 'file', single, true],
  ['the folder of all of them', '/shop/teams', 'folder', single, true],
  ['a file beside', '/shop/teams/a/notes.md', 'file', single, false],
  ['a folder below', '/shop/teams/a/k8s', 'folder', single, false],
  ['another folder', '/shop/web', 'folder', single, false],
  ['a file that any glob might lead through', '/shop/teams/a/src/main.go', 'file', deep, false],
  ['a folder that a glob leads through', '/shop/teams/a/src', 'folder', deep, true],
  ['a file that a deep glob means', '/shop/teams/a/src/dev.config.yaml', 'file', deep, true],
  ['a file anywhere', '/shop/web/main.go', 'file', anywhere, false],
  ['everything at once', '/shop', 'folder', anywhere, true],
] as const)('a change of %s', (_, path, what, project, expected) => {
  expect(concerns(path, what, project)).toBe(expected)
})

test('a file that the config stumbled over is one of its own', () => {
  const path = '/elsewhere/b.yaml'
  const configProblem: Problem = {
    kind: 'config-invalid',
    file: single.configFile,
    diagnostics: [],
    others: [path],
  }
  const changed = { paths: [path], folders: [] }
  const project = projectOf(['a'])
  expect(concernsConfig(changed, { project, configProblem })).toBe(true)
  expect(concernsConfig(changed, { project, configProblem: undefined })).toBe(false)
})
