import { createHash } from 'node:crypto'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config, web } from './rig/fixtures.js'
import { fetchText } from './rig/http.js'
import { createProject, type TestProject } from './rig/project.js'

const PORT = 30010
const DOCKERFILE = `FROM busybox:1.35
COPY target/*.war /www/
COPY drop* static /www/
CMD ["httpd", "-f", "-p", "3000", "-h", "/www"]
`
const READY = 'readinessProbe: { tcpSocket: { port: 3000 }, periodSeconds: 1 }'

/** Makes a file of the sources, notes each run, and waits or fails where a source says so. */
const BUILD = `#!/bin/sh
echo "packaging for $DEVLOOP_SERVICE in $DEVLOOP_NAMESPACE"
echo begin >> ../log; date +%s%N >> ../times
if grep -q WAIT src/main; then sleep 600 & echo $! > ../grandchild; wait; fi
if grep -q BROKEN src/main; then echo "no such class"; exit 3; fi
mkdir -p target; sleep 0.2
{ cat src/main; date +%N; } > target/app.war
echo end >> ../log
`

/** One project and one `up` for all: each test leaves the service live. */
describe('hooks of a watching up', () => {
  let project: TestProject
  let up: Running

  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': config(
        `  web:
    image: NS/web
    hooks:
      beforeBuild: { run: sh ./build.sh, inputs: [src], outputs: [target], lock: maven }
      afterBuild: 'echo built $DEVLOOP_IMAGE'
      beforeDeploy: 'echo beforeDeploy of $DEVLOOP_SERVICE >> ../stages'
      afterDeploy: { run: 'echo migrated by $HOSTNAME | tee -a /www/migrated', container: true }
      beforeSync: 'echo before >> ../syncs; ! grep -q BROKEN static/page'
      afterSync: { run: 'cp /www/page /www/seen', container: true }
    sync: [{ match: 'static/**', strip: static, to: /www }]
  twin:
    image: NS/twin
    hooks:
      beforeBuild: { run: sh ./build.sh, inputs: [src], outputs: [target], lock: maven }
`,
        `gateway: false
hooks:
  beforeRender: { run: 'echo beforeRender >> stages; cp web.tmpl k8s/web.yaml', inputs: [web.tmpl], outputs: [k8s/web.yaml] }
  afterRender: 'echo afterRender >> stages'
  beforeDeploy: 'echo beforeDeploy >> stages'
`,
      ),
      'web/Dockerfile': DOCKERFILE,
      'web/build.sh': BUILD,
      'web/src/main': 'one\n',
      'web/static/page': 'page one\n',
      'twin/Dockerfile': DOCKERFILE,
      'twin/build.sh': BUILD,
      'twin/src/main': 'twin\n',
      'twin/static/page': 'twin\n',
      'k8s/none.yaml': '# What there is comes from web.tmpl.\n',
      'web.tmpl': web('web', { nodePort: PORT, container: READY }),
    })
    up = project.start('up', '--json')
    await up.until('live', { where: ({ service }) => service === 'web', deadline: 60_000 })
    await up.until('live', { where: ({ service }) => service === 'twin', deadline: 60_000 })
  }, 120_000)
  afterAll(() => project[Symbol.asyncDispose]())

  const runs = async (): Promise<number> => (await noted('times')).length
  /** What the hook that waits has started; its file is there a moment before the number is in it. */
  const grandchild = async (): Promise<number> => {
    const pid = Number(await readFile(join(project.folder, 'grandchild'), 'utf8'))
    expect(pid).toBeGreaterThan(1)
    return pid
  }
  // A node port takes a moment to lead to new pods.
  const get = (path: string): Promise<string> => eventually(() => fetchText(PORT, path))
  const war = async (): Promise<string> => (await get('/app.war')).split('\n')[0] ?? ''
  const noted = async (file: string): Promise<readonly string[]> =>
    (await readFile(join(project.folder, file), 'utf8')).trim().split('\n')
  const lines = (since = 0): readonly string[] => up.all('build-output', since).map(({ line }) => line)

  test('what a hook makes is in the image; it ran once, beside nothing of the same lock; the migration ran in the pod', async () => {
    expect(await war()).toBe('one')
    expect(await runs()).toBe(2)
    expect(await noted('log')).toEqual(['begin', 'end', 'begin', 'end'])
    expect(lines()).toContain(`packaging for web in ${project.namespace}`)
    expect(lines().some(line => line.startsWith(`built ${project.namespace}/web:dev-`))).toBe(true)
    expect(await get('/migrated')).toMatch(/^migrated by web-/)
    // Each of the two is one save: what the hook writes made no other.
    expect(up.all('save')).toEqual([])
  })

  test('the stages come in their order; manifests that a hook makes are made anew from their template', async () => {
    const stages = ['beforeRender', 'afterRender', 'beforeDeploy', 'beforeDeploy of web']
    // Manifests may be read more than once: nothing else comes of them.
    expect(await noted('stages')).toEqual(stages)
    const since = up.mark()
    await project.write('web.tmpl', (await project.read('web.tmpl')).replace('Seconds: 1,', 'Seconds: 2,'))
    await up.until('live', { since })
    expect(await noted('stages')).toEqual([...stages, ...stages])
    expect(await project.read('k8s/web.yaml')).toBe(await project.read('web.tmpl'))
    // A command that renders runs them, too: what has its inputs unchanged not again.
    const printed = await project.run('render')
    expect(printed.stdout).toContain('terminationGracePeriodSeconds: 2')
    expect(printed.stderr).toContain('afterRender: echo afterRender >> stages')
    expect(await noted('stages')).toEqual([...stages, ...stages, 'afterRender'])
  })

  test('hooks around a sync: one before keeps the files here, one after sees them in the container', async () => {
    const since = up.mark()
    await project.write('web/static/page', 'BROKEN\n')
    const { problem } = await up.until('problem', { since })
    expect(problem).toMatchObject({ kind: 'hook-failed', hook: 'web.beforeSync', exitCode: 1 })
    expect(await get('/page')).toBe('page one')
    await project.write('web/static/page', 'page two\n')
    await up.until('live', { since })
    await eventually(async () => expect(await get('/seen')).toBe('page two'))
    expect(await noted('syncs')).toEqual(['before', 'before'])
    expect(up.all('built', since)).toEqual([])
  })

  test('a hook that fails stops its service with its command and last lines; mended, the service goes on', async () => {
    const since = up.mark()
    await project.write('web/src/main', 'BROKEN\n')
    const { problem } = await up.until('problem', { since })
    expect(problem).toMatchObject({
      kind: 'hook-failed',
      hook: 'web.beforeBuild',
      command: 'sh ./build.sh',
      exitCode: 3,
      output: expect.arrayContaining(['no such class']),
    })
    expect(await war()).toBe('one')
    await project.write('web/src/main', 'two\n')
    const live = await up.until('live', { since })
    expect(live.stages.hooks).toBeGreaterThan(0)
    await eventually(async () => expect(await war()).toBe('two'))
    expect(up.all('save', since).map(({ service }) => service)).toEqual(['web', 'web'])
  })

  test('a newer save ends a hook with what it started', async () => {
    const since = up.mark()
    await project.write('web/src/main', 'WAIT\n')
    const pid = await eventually(grandchild)
    await project.write('web/src/main', 'three\n')
    await up.until('live', { since })
    await eventually(async () => expect(await war()).toBe('three'))
    expect(await isAlive(pid)).toBe(false)
  })

  test('an archive that another tool writes in pieces is built once, whole', async () => {
    const whole = zipOf('x'.repeat(200_000))
    const since = up.mark()
    const file = await open(join(project.folder, 'web/drop.war'), 'w')
    // Each piece is written when the watcher has long told of the one before.
    for (let at = 0; at < whole.length; at += 50_000) {
      await file.write(whole.subarray(at, at + 50_000))
      await new Promise(resolve => AbortSignal.timeout(300).addEventListener('abort', resolve))
    }
    await file.close()
    await up.until('live', { since })
    await eventually(async () => expect(sha(await get('/drop.war'))).toBe(sha(whole.toString('latin1'))))
    expect(up.all('built', since).filter(({ service }) => service === 'web')).toHaveLength(1)
  })

  test('the next session runs nothing again; Ctrl-C during a hook leaves no process', async () => {
    const before = await runs()
    up.kill('SIGINT')
    await up.exit
    up = project.start('up', '--json')
    await up.until('live', { where: ({ service }) => service === 'web', deadline: 60_000 })
    expect(await runs()).toBe(before)
    await project.remove('grandchild')
    await project.write('web/src/main', 'WAIT again\n')
    const pid = await eventually(async () => {
      expect(await runs()).toBe(before + 1)
      return grandchild()
    })
    expect(await isAlive(pid)).toBe(true)
    up.kill('SIGINT')
    expect((await up.exit).code).toBe(130)
    expect(await isAlive(pid)).toBe(false)
  })

  test('what a killed session left of a hook is ended by the next command', async () => {
    await project.remove('grandchild')
    up = project.start('up', '--json')
    // The hook was ended before it was done, so it runs again.
    const pid = await eventually(grandchild)
    const state = join(project.stateDirectory, 'projects')
    const [folder = ''] = await readdir(state)
    const group = await groupOf(pid)
    await eventually(async () =>
      expect(await readFile(join(state, folder, 'children.ndjson'), 'utf8')).toContain(`"pid":${group},`),
    )
    up.kill('SIGKILL')
    await up.exit
    expect(await isAlive(pid)).toBe(true)
    expect((await project.run('down')).code).toBe(0)
    expect(await isAlive(pid)).toBe(false)
  })
})

/** The process group of a process. */
async function groupOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
}

/** What has ended, but was not collected by its parent yet, is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

/** An archive of one stored file, as ZIP has it. */
function zipOf(text: string): Buffer {
  const content = Buffer.from(text)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt32LE(content.length, 18)
  head.writeUInt32LE(content.length, 22)
  head.writeUInt16LE(1, 26)
  const directory = Buffer.alloc(46)
  directory.writeUInt32LE(0x02014b50, 0)
  directory.writeUInt32LE(content.length, 20)
  directory.writeUInt32LE(content.length, 24)
  directory.writeUInt16LE(1, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(47, 12)
  end.writeUInt32LE(31 + content.length, 16)
  const name = Buffer.from('a')
  return Buffer.concat([head, name, content, directory, name, end])
}
