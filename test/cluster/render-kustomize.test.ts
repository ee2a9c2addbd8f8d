import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/core/kube-object.js'
import { kubectl, read, run } from './rig/kubectl.js'
import { mixedFolderFiles } from './rig/mixed-folder.js'
import { createProject, type TestProject } from './rig/project.js'
import { comparable, documents } from './rig/rendered.js'

let project: TestProject
let tools: string
beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), 'devloop-tools-'))
  // The real tools, each run of them noted.
  const wrap = async (name: string, command: string) => {
    const script = `#!/bin/sh\n[ "$1" = version ] || echo ${name} "$@" >> ${tools}/runs\nexec ${command} "$@"\n`
    await writeFile(join(tools, name), script)
    await chmod(join(tools, name), 0o755)
  }
  const helm = (await run('sh', ['-c', 'command -v helm'])).stdout.trim()
  await wrap('helm', helm)
  await writeFile(
    join(tools, 'kustomize'),
    `#!/bin/sh\n[ "$1" = version ] && exit 0\necho kustomize "$@" >> ${tools}/runs\nexec kubectl kustomize "$2"\n`,
  )
  await chmod(join(tools, 'kustomize'), 0o755)
  project = await createProject(mixedFolderFiles, { env: { PATH: `${tools}:${process.env.PATH}` } })
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  await rm(tools, { recursive: true, force: true })
})

/** Which folders were rendered since the last time that this was asked. */
async function rendered(): Promise<readonly string[]> {
  const runs = await readFile(join(tools, 'runs'), 'utf8').catch(() => '')
  await rm(join(tools, 'runs'), { force: true })
  const folders = runs.split('\n').filter(line => line !== '' && !line.includes('devloop-notes'))
  return folders.map(line => /(kustomize|helm).*?k8s\/(\S+)/.exec(line)?.slice(1).join(' ') ?? line).sort()
}

describe('one folder of nested kustomizations, a chart and plain files', () => {
  test('render is what kubectl kustomize and helm template print, with our namespace', async () => {
    const printed = await project.run('render', '-o', 'json')
    expect(printed.code, printed.stderr).toBe(0)
    const ours = (JSON.parse(printed.stdout) as { items: KubeObject[] }).items
    const folder = (path: string) => join(project.folder, 'k8s', path)
    const kustomized = await run('kubectl', ['kustomize', folder('applications')])
    const chart = folder('environments/databases/mysql')
    const templated = await run('helm', ['template', 'mysql', chart, '--namespace', project.namespace])
    const claims = await readFile(folder('storage/claims.yaml'), 'utf8')
    const theirs = [...documents(kustomized.stdout), ...documents(templated.stdout), ...documents(claims)]
      .filter(({ metadata }) => metadata.name !== 'mysql-test')
      .map(object => ({ ...object, metadata: { ...object.metadata, namespace: project.namespace } }))
    expect(comparable(ours.filter(({ kind }) => kind !== 'Namespace'))).toEqual(comparable(theirs))
  })

  test('--explain lists what was rendered, taken and left out', async () => {
    const { stdout } = await project.run('render', '--explain')
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'rendered kustomize k8s/applications: 6 objects',
        'rendered helm k8s/environments/databases/mysql: 5 objects',
        'taken    k8s/storage/claims.yaml',
        'taken    k8s/environments/labels/kustomization.yaml',
        'left out k8s/applications/backend/board-service/notes.yaml: belongs to k8s/applications/kustomization.yaml, which does not name it',
        'left out k8s/environments/databases/mysql/templates/tests/connection.yaml: pod/mysql-test is a test hook of its chart',
      ]),
    )
  })

  test('up brings it up in order, a save renders nothing, a change renders what depends on it, down takes it away', async () => {
    const once = await project.run('up', '--once', '--json')
    expect(once.code, once.stdout + once.stderr).toBe(0)
    const { namespace } = project
    const board = await read(namespace, 'deployment', 'board-service')
    expect(JSON.stringify(board.spec)).toMatch(/egovframe\/board-service:dev-[0-9a-f]{12}/)
    expect(JSON.stringify((await read(namespace, 'deployment', 'portal')).spec)).toMatch(
      /portal:dev-[0-9a-f]{12}/,
    )
    const at = async (kind: string, name: string, path: string) =>
      Date.parse(await kubectl(['get', kind, name, '-n', namespace, '-o', `jsonpath={${path}}`]))
    const hooked = await at('job', 'mysql-schema', '.status.completionTime')
    expect(await at('configmap', 'mysql', '.metadata.creationTimestamp')).toBeGreaterThanOrEqual(hooked)
    const made = await at('statefulset', 'mysql', '.metadata.creationTimestamp')
    expect(made).toBeGreaterThanOrEqual(hooked)
    expect(await at('job', 'mysql-after', '.metadata.creationTimestamp')).toBeGreaterThanOrEqual(made)

    await using up = project.start('up', '--json')
    await up.until('live', { where: ({ service }) => service === 'board', deadline: 60_000 })
    await up.until('live', { where: ({ service }) => service === 'portal', deadline: 60_000 })
    await rendered()

    const saved = up.mark()
    await project.write('board/www/index.html', 'board two')
    await up.until('live', {
      since: saved,
      where: ({ service, save }) => service === 'board' && save > 0,
      deadline: 60_000,
    })
    expect(await rendered()).toEqual([])

    const changed = up.mark()
    await project.write('k8s/applications/backend/board-service/application.properties', 'theme=dark\n')
    await up.until('live', { since: changed, where: ({ service }) => service === 'board', deadline: 60_000 })
    expect(await rendered()).toEqual(['kustomize applications'])

    const upgraded = up.mark()
    const ran = (await read(namespace, 'job', 'mysql-schema')).metadata.uid
    await project.write('k8s/environments/databases/mysql/values.yaml', 'greeting: salut\n')
    await up.until('applied', {
      since: upgraded,
      where: ({ object }) => object.startsWith('configmap/mysql '),
      deadline: 60_000,
    })
    expect(await rendered()).toEqual(['helm environments/databases/mysql'])
    expect((await read(namespace, 'job', 'mysql-schema')).metadata.uid).not.toBe(ran)
    expect(await kubectl(['logs', '-n', namespace, 'job/mysql-schema'])).toBe('salut\n')

    up.kill('SIGINT')
    await up.exit
    const down = await project.run('down', '--volumes')
    expect(down.code, down.stderr).toBe(0)
    expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name'])).toBe('')
  })
})
