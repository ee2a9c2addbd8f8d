import { expect, test } from 'vitest'
import type { Problem } from '../core/problem.js'
import { projectOf } from '../testing/states.js'
import { isConfigFile } from './watch-config.js'

const include = { files: ['/shop/teams/a/dev.config.yaml'], patterns: ['./teams/*/dev.config.yaml'] }
const project = { ...projectOf(['a']), include }

test.each([
  ['the config itself', project.configFile, true],
  ['a file that it includes', '/shop/teams/a/dev.config.yaml', true],
  ['a file that it would include', '/shop/teams/b/dev.config.yaml', true],
  ['a folder that came and may have one', '/shop/teams/b', true],
  ['a folder that went with one', '/shop/teams/a', true],
  ['the folder of all of them', '/shop/teams', true],
  ['a file beside', '/shop/teams/a/notes.md', false],
  ['a folder below', '/shop/teams/a/k8s', false],
  ['another folder', '/shop/web', false],
])('a change of %s', (_, path, expected) => {
  expect(isConfigFile(path, { project, configProblem: undefined })).toBe(expected)
})

test('a file that the config stumbled over is one of its own', () => {
  const path = '/elsewhere/b.yaml'
  const configProblem: Problem = {
    kind: 'config-invalid',
    file: project.configFile,
    diagnostics: [],
    others: [path],
  }
  const alone = projectOf(['a'])
  expect(isConfigFile(path, { project: alone, configProblem })).toBe(true)
  expect(isConfigFile(path, { project: alone, configProblem: undefined })).toBe(false)
})
