import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../core/exit-code.js'
import { takesLine } from '../testing/takes-line.js'
import { run } from './run.js'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devloop-run-'))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

/** Runs a command line in the temporary folder, without a kubeconfig and a Docker engine of its own. */
async function devloop(...argv: readonly string[]) {
  let stdout = ''
  let stderr = ''
  const code = await run(argv, {
    stdout: {
      write: text => {
        stdout += text
      },
    },
    stderr: {
      write: text => {
        stderr += text
      },
    },
    env: { HOME: root, KUBECONFIG: join(root, 'kubeconfig') },
    cwd: root,
    platform: process.platform,
    home: root,
    onInterrupt: () => () => {},
  })
  return { code, stdout, stderr }
}

async function project(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

const CONFIG = `version: 1
name: shop
namespace: shop
services:
  tour:
    context: ./tour
    image: shop/tour
manifests:
  - ./k8s
`

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: tour
spec:
  selector: { matchLabels: { app: tour } }
  template:
    metadata: { labels: { app: tour } }
    spec:
      containers:
        - name: tour
          image: shop/tour
`

const SHOP: Readonly<Record<string, string>> = {
  'dev.config.yaml': CONFIG,
  'k8s/tour.yaml': DEPLOYMENT,
  'tour/Dockerfile': 'FROM scratch\nCOPY . .\n',
}

describe('the command line', () => {
  it('lists its commands', async () => {
    const { code, stdout, stderr } = await devloop('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: devloop \[options\] \[command\]/)
    for (const command of ['up', 'down', 'status', 'build', 'render', 'deploy', 'validate', 'schema'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
  })

  it('explains a command with examples', async () => {
    const { code, stdout } = await devloop('up', '--help')
    expect(code).toBe(0)
    expect(stdout).toContain('--once')
    expect(stdout).toContain('devloop up --once --json')
  })

  it('tells a newcomer where to begin, and scripts what the exit codes mean', async () => {
    const { stdout } = await devloop('--help')
    expect(stdout).toMatch(/^To begin:\n {2}devloop init /m)
    for (const code of Object.values(exitCodes))
      expect(stdout.slice(stdout.indexOf('Exit codes:'))).toMatch(new RegExp(`\\b${code}\\b`))
  })

  it('gives every command examples, and each is a line that the parser takes', async () => {
    const names = [...(await devloop('--help')).stdout.matchAll(/^ {2}([a-z-]+) (?:\[|<| )/gm)]
    const commands = [...new Set(names.map(([, name = '']) => name))].filter(
      name => !['help', 'devloop'].includes(name),
    )
    expect(commands.length).toBeGreaterThan(20)
    for (const name of commands) {
      const { stdout } = await devloop(name, '--help')
      const shown = stdout.slice(stdout.indexOf('\nExamples:\n')).split('\n').slice(2)
      const examples = shown.flatMap(
        line => /(?:^ {2}|\bsudo |<\()(devloop .*?)(?: {2,}.*| && .*| > .*|\).*)?$/.exec(line)?.[1] ?? [],
      )
      expect({ name, some: examples.length > 0 }).toEqual({ name, some: true })
      for (const example of examples)
        expect(await takesLine(example.replace(/^devloop /, '')), example).toBe(true)
    }
  })

  it.each<readonly [string, readonly string[], RegExp]>([
    ['a command that is not there', ['upp'], /unknown command 'upp'\n\(Did you mean up\?\)/],
    ['an option that is not there', ['up', '--onc'], /unknown option '--onc'\n\(Did you mean --once\?\)/],
    ['options that exclude each other', ['up', '--json', '--plain'], /cannot be used with/],
    ['an output form that is not there', ['render', '-o', 'xml'], /Allowed choices are yaml, json/],
    ['an option without its value', ['-f'], /argument missing/],
    ['no command', [], /Usage: devloop/],
  ])('refuses %s with code 2', async (_, argv, expected) => {
    const { code, stdout, stderr } = await devloop(...argv)
    expect(stderr).toMatch(expected)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('says its version', async () => {
    const { code, stdout } = await devloop('--version')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })
})

describe('schema', () => {
  it('prints a JSON schema and nothing else', async () => {
    const { code, stdout, stderr } = await devloop('schema')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { services: {} } })
  })
})

describe('validate', () => {
  it('accepts a project without asking Docker or a cluster', async () => {
    await project(SHOP)
    const { code, stdout, stderr } = await devloop('validate')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('is valid: 1 service, 2 objects\n')
  })

  it('finds the config where --file says', async () => {
    await project(Object.fromEntries(Object.entries(SHOP).map(([path, text]) => [`below/${path}`, text])))
    expect((await devloop('-f', 'below/dev.config.yaml', 'validate')).code).toBe(0)
    const missing = await devloop('-f', 'nowhere.yaml', 'validate')
    expect(missing.code).toBe(2)
    expect(missing.stderr).toContain('nowhere.yaml')
  })

  it.each<readonly [string, Readonly<Record<string, string>>, number, RegExp]>([
    ['no config at all', {}, 2, /dev\.config\.yaml/],
    [
      'a key that is not there',
      { ...SHOP, 'dev.config.yaml': CONFIG.replace('context:', 'contxt:') },
      2,
      /dev\.config\.yaml:6[\s\S]*context/,
    ],
    ['YAML that is none', { ...SHOP, 'dev.config.yaml': 'services: [' }, 2, /dev\.config\.yaml/],
    [
      'a manifest that is no YAML',
      { ...SHOP, 'k8s/bad.yaml': 'apiVersion: v1\nkind: [' },
      8,
      /k8s\/bad\.yaml:2/,
    ],
  ])('refuses %s', async (_, files, expected, words) => {
    await project(files)
    const { code, stdout, stderr } = await devloop('validate')
    expect(stderr).toMatch(words)
    expect(stderr).toMatch(/^devloop: /)
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
  })

  it('warns of a service that nothing runs', async () => {
    await project({ ...SHOP, 'k8s/tour.yaml': DEPLOYMENT.replace('image: shop/tour', 'image: shop/tours') })
    const { code, stdout } = await devloop('validate')
    expect(code).toBe(0)
    expect(stdout).toContain('no manifest uses image shop/tour of service tour')
  })
})

describe('commands that need a cluster', () => {
  it.each([[['up', '--once']], [['status']], [['deploy']]])(
    '%j say with code 4 that there is none',
    async argv => {
      await project(SHOP)
      const { code, stderr } = await devloop(...argv)
      expect(stderr).toMatch(/^devloop: /)
      expect(code).toBe(4)
    },
  )

  it('names the service that was meant', async () => {
    await project(SHOP)
    const { code, stderr } = await devloop('up', 'tuor')
    expect(stderr).toContain('Did you mean tour?')
    expect(code).toBe(2)
  })

  it('has nothing to take down where nothing was brought up', async () => {
    await project(SHOP)
    const { code, stdout } = await devloop('down')
    expect(stdout).toContain('Nothing to take down')
    expect(code).toBe(0)
  })
})
