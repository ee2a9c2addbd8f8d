import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildRequest, imageBuilderContract, quiet } from '../../testing/image-builder-contract.js'
import { createProcessImages } from './process-images.js'

const create = () => createProcessImages({ root: '/project', images: { 'redis:7': 'redis-server' } })

imageBuilderContract('processes', () => ({ builder: create().builder, base: 'node:20' }))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-process-images-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const built = async (dockerfile: string) => {
  const images = create()
  const made = await images.builder.build(buildRequest(dockerfile, { context: folder }), quiet)
  if (made.ok) await images.builder.tag(made.value.id, 'shop/web:dev-1')
  return { images, made }
}

describe('an image without an engine', () => {
  it('is what its Dockerfile says, under each of its names', async () => {
    const { images } = await built('FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["main.js"]')
    expect(images.imageOf('docker.io/shop/web:dev-1')).toMatchObject({
      command: ['node', 'main.js'],
      paths: [{ image: '/app', host: folder }],
    })
    expect(images.imageOf('shop/web:dev-2')).toBeUndefined()
  })

  it('is forgotten with its last name', async () => {
    const { images, made } = await built('FROM a')
    expect(await images.store.list()).toMatchObject({ value: [{ references: ['docker.io/shop/web:dev-1'] }] })
    await images.store.removeReference('shop/web:dev-1')
    expect(made.ok && (await images.builder.inspect(made.value.id))).toEqual({ ok: true, value: undefined })
  })

  it('has what the config runs in its place', async () => {
    const images = create()
    expect(images.imageOf('redis:7')).toMatchObject({
      standIn: true,
      entrypoint: ['/bin/sh', '-c', 'redis-server'],
    })
    expect(images.imageOf('redis:6')).toBeUndefined()
    expect(await images.builder.inspect('redis:7')).toMatchObject({ ok: true, value: { os: 'linux' } })
  })

  it('takes the newest file of a pattern that a tool makes', async () => {
    await mkdir(join(folder, 'target'))
    await writeFile(join(folder, 'target/app-1.jar'), '')
    const { images } = await built(
      'FROM m AS b\nWORKDIR /b\nCOPY . .\nRUN mvn package\nFROM j\nCOPY --from=b /b/target/*.jar /app.jar\nCMD ["java","-jar","/app.jar"]',
    )
    expect(images.imageOf('shop/web:dev-1')?.paths).toContainEqual({
      image: '/app.jar',
      host: join(folder, 'target/app-1.jar'),
    })
  })
})

describe('what a Dockerfile installs or makes', () => {
  const dockerfile = 'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "dist/main.js"]'
  beforeEach(() =>
    writeFile(join(folder, 'package.json'), '{ "dependencies": { "left": "1", "right": "1" } }'),
  )

  it('must be installed here', async () => {
    await mkdir(join(folder, 'node_modules/left'), { recursive: true })
    const { made } = await built(dockerfile)
    expect(made).toMatchObject({
      ok: false,
      error: {
        kind: 'context-invalid',
        message: expect.stringContaining(`right is not installed in ${folder}`),
        range: { line: 4 },
        hint: expect.stringContaining('beforeBuild'),
      },
    })
    await mkdir(join(folder, 'node_modules/right'))
    expect((await built(dockerfile)).made.ok).toBe(true)
  })

  it.each<[argv: readonly string[], there: boolean]>([
    [['node', 'dist/main.js'], false],
    [['node', 'src/main'], true],
    [['npm', 'start'], true],
    [['java', '-Xmx1g', '-jar', 'target/app.jar'], false],
    [['node', '--test'], true],
  ])('%j is there: %s', async (argv, there) => {
    await mkdir(join(folder, 'src'))
    await writeFile(join(folder, 'src/main.js'), '')
    await mkdir(join(folder, 'node_modules/left'), { recursive: true })
    await mkdir(join(folder, 'node_modules/right'))
    const { images } = await built(dockerfile)
    const missing = await images.missingProgram('shop/web:dev-1', { argv, cwd: folder })
    expect(missing).toEqual(
      there ? undefined : expect.stringContaining('line 4 of the Dockerfile (RUN npm ci)'),
    )
  })
})
