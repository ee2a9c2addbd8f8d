import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createProject } from './rig/project.js'

// CRLF, a byte that is no UTF-8, and no final newline: what must survive.
const BEFORE = '127.0.0.1\tlocalhost\r\n# caf\u00e9'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-hosts-'))
  file = join(folder, 'hosts')
  await writeFile(file, BEFORE, 'latin1')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const text = (path = file) => readFile(path, 'latin1')

const FILES = {
  'dev.config.yaml': 'name: hosts\nnamespace: NS\ncluster: { kind: dev }\nhosts: [admin.NS.test]\n',
  'k8s/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: tour }
spec:
  rules:
    - host: NS.test
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: tour, port: { number: 80 } } } }] }
`,
}

test('names are told, written on a yes alone, followed in the file, and taken away by down', async () => {
  await using project = await createProject(FILES, { env: { DEVLOOP_HOSTS_FILE: file } })
  const names = [`admin.${project.namespace}.test`, `${project.namespace}.test`]
  const lines = names.map(name => `127.0.0.1 ${name}`)

  const printed = await project.run('hosts', '--json')
  expect(printed).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(printed.stdout)).toMatchObject({
    file,
    lines,
    names: [
      { name: names[0], wantedBy: ['hosts in dev.config.yaml'], address: '127.0.0.1', state: 'missing' },
      { name: names[1], wantedBy: ['ingress/tour in k8s/ingress.yaml:1'], state: 'missing' },
    ],
  })

  const unasked = await project.run('hosts', 'apply')
  expect(unasked.code).toBe(2)
  expect(unasked.stdout).toContain(`+${lines[1]}`)
  expect(unasked.stderr).toContain('devloop hosts apply --yes')
  expect(await text()).toBe(BEFORE)

  const once = await project.run('up', '--once', '--plain')
  expect(once).toMatchObject({ code: 0 })
  for (const [at, name] of names.entries())
    expect(once.stdout).toContain(
      `${name} is not known here: add "${lines[at]}" to ${file}, or run devloop hosts apply`,
    )

  const applied = await project.run('hosts', 'apply', '--yes', '--json')
  expect(applied.code).toBe(0)
  const { changed, backup } = JSON.parse(applied.stdout) as { changed: boolean; backup: string }
  expect(changed).toBe(true)
  expect(await text(backup)).toBe(BEFORE)
  const block = [`# BEGIN devloop hosts@kind-dev (the file ended without a newline)`, ...lines]
  const after = `${BEFORE}\r\n${[...block, '# END devloop hosts@kind-dev', ''].join('\r\n')}`
  expect(await text()).toBe(after)
  expect(JSON.parse((await project.run('hosts', 'apply', '--yes', '--json')).stdout)).toMatchObject({
    changed: false,
  })

  const up = project.start('up', '--json')
  const first = await up.until('hosts')
  expect(first.names.map(({ hint }) => hint?.includes('has the right line'))).toEqual([true, true])
  const mark = up.mark()
  // Somebody else maps a name: said once, for that name alone.
  await writeFile(file, `10.0.0.1 ${names[1]}\r\n${after}`, 'latin1')
  const told = await up.until('hosts', { since: mark })
  expect(told.names).toMatchObject([
    {
      name: names[1],
      hint: `${file}:1 maps it to 10.0.0.1; that line is not devloop's: change or delete it`,
    },
  ])
  await writeFile(file, after, 'latin1')
  up.kill('SIGINT')
  expect(await up.exit).toMatchObject({ code: 130 })

  const down = await project.run('down')
  expect(down).toMatchObject({ code: 0 })
  expect(down.stdout).toContain(`the names that devloop wrote are gone from ${file}`)
  expect(await text()).toBe(BEFORE)
})

test('a run that ends by itself tells of names once, and down never fails for a block that is damaged', async () => {
  await using project = await createProject(FILES, { env: { DEVLOOP_HOSTS_FILE: file } })
  const up = project.start('up', '--once', '--json')
  expect(await up.exit).toMatchObject({ code: 0 })
  expect(up.all('hosts').map(one => one.names.map(({ state }) => state))).toEqual([['missing', 'missing']])

  const damaged = '# BEGIN devloop hosts@kind-dev\n127.0.0.1 mine\n'
  await writeFile(file, damaged, 'latin1')
  const refused = await project.run('hosts', 'apply', '--yes')
  expect(refused.code).toBe(11)
  expect(refused.stderr).toContain("line 1: it begins devloop's block hosts@kind-dev, and no line ends it")
  const down = await project.run('down')
  expect(down).toMatchObject({ code: 0 })
  expect(down.stdout).toContain(`the names that devloop wrote stay in ${file}`)
  expect(await text()).toBe(damaged)
})

test('without its cluster the names are printed all the same, and why their address is not known', async () => {
  await using project = await createProject(
    { ...FILES, 'dev.config.yaml': 'namespace: NS\ncluster: { kind: none-NS }\ngateway: false\n' },
    { env: { DEVLOOP_HOSTS_FILE: file } },
  )
  const printed = await project.run('hosts')
  expect(printed.code).toBe(0)
  expect(printed.stdout).toContain(`${project.namespace}.test`)
  expect(printed.stdout).toContain(`there is no kind cluster "none-${project.namespace}" yet`)
})
