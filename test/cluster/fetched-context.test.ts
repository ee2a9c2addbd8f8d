import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, realpath, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngineClient } from '../../src/adapters/docker/engine-client.js'
import { createImageBuilder } from '../../src/adapters/docker/image-builder.js'
import { contextFolder } from '../../src/adapters/source/context-folder.js'
import { contextTar } from '../../src/adapters/source/context-tar.js'
import { createSourceTree } from '../../src/adapters/source/source-tree.js'
import { serviceSpec } from '../../src/testing/states.js'

const engines = ['/var/run/docker.sock', '/run/newer-engine.sock'].filter(socket => existsSync(socket))
const never = new AbortController().signal

let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devloop-fetched-')))
})
afterEach(() => rm(root, { recursive: true }))

async function files(tree: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

/** A service whose context is `root`, and what builds it on an engine in one of the two ways. */
function rig(socket: string, way: 'fetched' | 'whole') {
  const tree = createSourceTree()
  const service = serviceSpec('fetched', { context: root, dockerfile: join(root, 'Dockerfile') })
  const builder = createImageBuilder({
    client: createEngineClient({ env: { DOCKER_HOST: `unix://${socket}` } }),
    builder: 'buildkit',
    env: {},
    context: async request => {
      const { stream, dockerfile } = await contextTar(request)
      return { stream, dockerfileName: dockerfile }
    },
    ...(way === 'fetched' ? { folder: contextFolder } : {}),
  })
  const build = async (between: () => Promise<void> = async () => {}) => {
    const snapshot = await tree.snapshot(service, 'all', never)
    if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error))
    await between()
    let sent = 0
    const image = await builder.build(
      { service, snapshot: snapshot.value, buildArgs: {} },
      {
        signal: never,
        onOutput: () => {},
        onProgress: ({ sentBytes }) => {
          sent = sentBytes ?? sent
        },
      },
    )
    return { image, sent }
  }
  return { build }
}

const docker = async (socket: string, args: readonly string[]): Promise<Buffer> =>
  (
    await promisify(execFile)('docker', ['-H', `unix://${socket}`, ...args], {
      encoding: 'buffer',
      maxBuffer: 1e8,
    })
  ).stdout

/** Every entry below /out with type, mode, time and content. */
async function contents(socket: string, { image }: Awaited<ReturnType<ReturnType<typeof rig>['build']>>) {
  if (!image.ok) throw new Error(JSON.stringify(image.error))
  const id = String(await docker(socket, ['create', image.value.id, 'x'])).trim()
  try {
    const reader = extract()
    reader.end(await docker(socket, ['export', id]))
    const found: string[] = []
    for await (const entry of reader) {
      let text = ''
      for await (const chunk of entry) text += String(chunk)
      const { name, type, mode, mtime, linkname, uid, gid } = entry.header
      if (name.startsWith('out/') && type !== 'directory')
        found.push(
          `${name} ${type} ${((mode ?? 0) & 0o7777).toString(8)} ${uid}:${gid} ${Math.floor(Number(mtime) / 1000)} ${linkname ?? ''} ${text}`,
        )
      else if (name.startsWith('out/')) found.push(`${name} ${mode?.toString(8)} ${uid}:${gid}`)
    }
    return found.sort()
  } finally {
    await docker(socket, ['rm', id])
    await docker(socket, ['image', 'rm', '-f', image.value.id])
  }
}

describe.each(engines)('a context that the engine at %s fetches', socket => {
  it('gives the image that a whole one gives, and only what changed is sent', async () => {
    await files({
      Dockerfile: 'FROM busybox:1.35\nCOPY lib /out/lib\nCOPY . /out/all\n',
      '.dockerignore': '**/*.md\n',
      'docs/x.md': 'left out',
      'lib/run.sh': '#!/bin/sh',
      'lib/부산.txt': '안녕',
      'lib/large': `${root}${'x'.repeat(3_000_000)}`,
      ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`many/${at}`, `${root} ${at}`])),
    })
    await chmod(join(root, 'lib/run.sh'), 0o755)
    await symlink('run.sh', join(root, 'lib/link'))
    await symlink('/etc/passwd', join(root, 'lib/outside'))
    const { build } = rig(socket, 'fetched')
    const first = await build()
    expect(first.sent).toBeGreaterThan(3_000_000)
    expect(await contents(socket, first)).toEqual(await contents(socket, await rig(socket, 'whole').build()))

    // As a write within one tick of the clock would be: size and time stay as they were.
    const { mtime } = await stat(join(root, 'many/1'))
    await files({ 'many/1': `${root} 0` })
    await utimes(join(root, 'many/1'), mtime, mtime)
    await rm(join(root, 'many/2'))
    await chmod(join(root, 'many/3'), 0o600)
    const second = await build()
    expect(second.sent).toBeLessThan(1000)
    const found = await contents(socket, second)
    expect(found.find(line => line.startsWith('out/all/many/1 '))).toMatch(/ 0$/)
    expect(found.some(line => line.startsWith('out/all/many/2 '))).toBe(false)
    expect(found.find(line => line.startsWith('out/all/many/3 '))).toContain(' file 600 ')
  })

  it('is void where a file changes on its way', async () => {
    await files({
      Dockerfile: 'FROM busybox:1.35\nCOPY . /out\n',
      ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}`, `${root} ${at}`])),
    })
    const { build } = rig(socket, 'fetched')
    const { image } = await build(() => files({ '59': 'other' }))
    expect(image).toEqual({ ok: false, error: { kind: 'cancelled' } })
  })

  it('says what a Dockerfile takes that is not there', async () => {
    await files({
      Dockerfile: 'FROM busybox:1.35\n\nCOPY missing many /out/\n',
      ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`many/${at}`, '1'])),
    })
    const { image } = await rig(socket, 'fetched').build()
    expect(image).toMatchObject({
      ok: false,
      error: { kind: 'image-build-failed', message: expect.stringContaining('missing'), range: { line: 3 } },
    })
  })
})
