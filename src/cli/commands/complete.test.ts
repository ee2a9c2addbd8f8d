import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../run.js'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devloop-complete-'))
  const services = 'services:\n  tours: {}\n  bookings: {}\n  bills: {}\n'
  await writeFile(join(root, 'dev.config.yaml'), `name: shop\n${services}`)
  await writeFile(join(root, 'other.yaml'), 'name: other\nservices:\n  elsewhere: {}\n')
  for (const name of ['tours', 'bookings', 'bills', 'elsewhere']) {
    await mkdir(join(root, name))
    await writeFile(join(root, name, 'Dockerfile'), 'FROM scratch\n')
  }
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function devloop(argv: readonly string[], cwd = root) {
  let stdout = ''
  const code = await run(argv, {
    stdout: {
      write: text => {
        stdout += text
      },
    },
    stderr: { write: () => {} },
    env: { HOME: root, KUBECONFIG: join(root, 'kubeconfig') },
    cwd,
    platform: process.platform,
    home: root,
    onInterrupt: () => () => {},
  })
  return { code, lines: stdout.split('\n').slice(0, -1) }
}

test.each([
  ['commands', ['doc'], ['doctor']],
  ['nothing hidden', ['comp'], ['completion']],
  ['services', ['up', ''], ['tours', 'bookings', 'bills']],
  ['a prefix', ['up', 'b'], ['bookings', 'bills']],
  ['those not named yet', ['up', 'bills', 'b'], ['bookings']],
  ['flags', ['up', '--cl'], ['--cleanup']],
  ['flags not used yet', ['gc', '--dry-run', '--'], ['--json', '--help', '--file', '--profile']],
  ['flags of every command', ['up', '--fi'], ['--file']],
  ['values of flags', ['render', '-o', ''], ['yaml', 'json']],
  ['values of arguments', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['problems', ['explain', 'engine'], ['engine-unreachable']],
  ['the config that is named', ['-f', 'other.yaml', 'up', ''], ['elsewhere']],
  ['as bash splits it', ['--file', '=', 'other.yaml', 'up', ''], ['elsewhere']],
  ['a config that is not there', ['-f', 'none.yaml', 'up', ''], []],
  ['a free value', ['logs', '--since', ''], []],
  ["another program's words", ['up', '--once', '--', 'n'], []],
])('completes %s', async (_, words, expected) => {
  expect(await devloop(['complete', '--', ...words])).toEqual({ code: 0, lines: expected })
})

test('a config that includes others has their services too', async () => {
  await writeFile(
    join(root, 'dev.config.yaml'),
    'name: shop\ninclude: [other.yaml]\nservices:\n  tours: {}\n',
  )
  await writeFile(join(root, 'other.yaml'), 'services:\n  elsewhere: {}\n')
  const { lines } = await devloop(['complete', '--', 'up', ''])
  expect(lines.toSorted()).toEqual(['elsewhere', 'tours'])
})

test('so has one with profiles those that any of them adds, and of several included files each name once', async () => {
  await mkdir(join(root, 'teams'))
  await writeFile(
    join(root, 'dev.config.yaml'),
    `include: ['teams/*.yaml']
services: { tours: {} }
profiles:
  fake: { services: { payments: {} } }
  more: { patches: [{ op: add, path: /services/search, value: {} }, { op: remove, path: /services/tours }] }
`,
  )
  await writeFile(join(root, 'teams/a.yaml'), 'services: { bills: {}, tours: {} }\n')
  await writeFile(join(root, 'teams/b.yaml'), 'services: [\n')
  const { lines } = await devloop(['complete', '--', 'up', ''])
  expect(lines).toEqual(['tours', 'payments', 'search', 'bills'])
})

test('a skaffold.yaml has the services of its artifacts', async () => {
  await rm(join(root, 'dev.config.yaml'))
  await writeFile(
    join(root, 'skaffold.yaml'),
    'apiVersion: skaffold/v4beta11\nkind: Config\nbuild: { artifacts: [{ image: me/tours, context: tours }] }\n',
  )
  expect((await devloop(['complete', '--', 'up', ''])).lines).toEqual(['tours'])
})

test('describes for shells that show it', async () => {
  const { lines } = await devloop(['complete', '--describe', '--', 'valid'])
  expect(lines).toEqual(['validate\tcheck the config and the manifests'])
})

/** What of this machine can be run; a shell that is not installed has nothing to say here. */
const isThere = (shell: string): Promise<boolean> =>
  promisify(execFile)(shell, ['-c', 'true']).then(
    () => true,
    () => false,
  )

/** A program that prints the words that it was called with, in place of devloop. */
const ECHO = '#!/bin/sh\nshift 2\nfor word in "$@"; do echo "<$word>"; done\n'

test('bash hands over its words as they stand, also an empty one', async ({ skip }) => {
  if (!(await isThere('bash'))) return skip('bash is not installed here')
  await writeFile(join(root, 'script'), (await devloop(['completion', 'bash'])).lines.join('\n'))
  await writeFile(join(root, 'devloop'), ECHO, { mode: 0o755 })
  const script = `
    source ./script
    complete -p devloop
    COMP_WORDS=(./devloop logs 'a b' ''); COMP_CWORD=3; _devloop_complete ./devloop '' 'a b'
    printf '%s\\n' "\${COMPREPLY[@]}"
    COMP_WORDS=(./devloop up bo more); COMP_CWORD=2; _devloop_complete ./devloop bo up
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd: root })
  expect(stdout.trim().split('\n')).toEqual([
    'complete -o default -F _devloop_complete devloop',
    '<logs>',
    '<a b>',
    '<>',
    '<up>',
    '<bo>',
  ])
})

/** A program in place of devloop: it offers one word where it is asked, and says what it was run with otherwise. */
const OFFERS = `#!/bin/sh
if [ "$1" = complete ]; then printf '<%s>' "$@" >> asked; printf 'website\\tthe shop\\n'; else echo "ran:$*"; fi
`

async function driven(shell: string, script: string) {
  await writeFile(join(root, 'script'), (await devloop(['completion', shell])).lines.join('\n'))
  await writeFile(join(root, 'devloop'), OFFERS, { mode: 0o755 })
  await writeFile(join(root, 'drive'), script)
  const flags = shell === 'fish' ? ['--no-config'] : ['-f']
  const env = { ...process.env, HOME: root, TERM: 'dumb', PATH: `${root}:${process.env.PATH}` }
  const { stdout } = await promisify(execFile)(shell, [...flags, 'drive'], {
    cwd: root,
    env,
    timeout: 20_000,
  })
  return { stdout, asked: await readFile(join(root, 'asked'), 'utf8') }
}

test('fish offers what devloop prints, with its description', async ({ skip }) => {
  if (!(await isThere('fish'))) return skip('fish is not installed here')
  const { stdout, asked } = await driven('fish', "source ./script\ncomplete -C 'devloop up we'\n")
  expect(stdout).toBe('website\tthe shop\n')
  expect(asked).toBe('<complete><--describe><--><up><we>')
})

test('zsh puts in what devloop prints', async ({ skip }) => {
  if (!(await isThere('zsh'))) return skip('zsh is not installed here')
  // The line is typed into a shell on a terminal of its own: a Tab completes it, and the newline behind runs it.
  const { stdout, asked } = await driven(
    'zsh',
    `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -D -u; source ./script; echo ready'
while zpty -r shell line; do [[ $line == *ready* ]] && break; done
zpty -w shell $'devloop up we\\t'
while zpty -r shell line; do print -r -- "$line"; [[ $line == *ran:* ]] && break; done
`,
  )
  expect(stdout).toContain('ran:up website')
  expect(asked).toBe('<complete><--describe><--><up><we>')
})
