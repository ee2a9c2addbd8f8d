import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { contextTar } from '../../src/adapters/source/context-tar.js'
import { createSourceTree } from '../../src/adapters/source/source-tree.js'
import type { ServiceSpec } from '../../src/core/project.js'

let root: string
const images = ['devloop-inputs-ours', 'devloop-inputs-theirs'] as const
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devloop-inputs-')))
})
afterEach(async () => {
  await docker(['image', 'rm', '-f', ...images]).catch(() => undefined)
  await rm(root, { recursive: true })
})

/** Runs the docker CLI with the classic builder; resolves with its output. */
function docker(args: readonly string[], input?: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { env: { ...process.env, DOCKER_BUILDKIT: '0' } })
    const out: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('close', code =>
      code === 0 ? resolve(Buffer.concat(out)) : reject(new Error(Buffer.concat(errors).toString())),
    )
    if (input === undefined) child.stdin.end()
    else input.on('error', reject).pipe(child.stdin)
  })
}

/** Every entry of the image below /out with type, mode and content. */
async function contents(image: string): Promise<readonly string[]> {
  const id = (await docker(['create', image, 'x'])).toString().trim()
  try {
    const reader = extract()
    reader.end(await docker(['export', id]))
    const found: string[] = []
    for await (const entry of reader) {
      let text = ''
      for await (const chunk of entry) text += String(chunk)
      const { name, type, mode, linkname } = entry.header
      if (name.startsWith('out/'))
        found.push(`${name} ${type} ${mode?.toString(8)} ${linkname ?? ''} ${text}`)
    }
    return found.sort()
  } finally {
    await docker(['rm', id])
  }
}

const tree = {
  a: 'a',
  '.env': 'secret',
  'README.md': 'r',
  'src/x.ts': 'x',
  'src/x.test.ts': 't',
  'src/deep/y.ts': 'y',
  'src/deep/z.md': 'z',
  'docs/keep.md': 'k',
  'docs/drop.md': 'd',
  'node_modules/m/i.js': 'm',
  'p(1)+.txt': 'p',
  barfoo: 'b',
  foo: 'f',
  'a*b': 's',
}

// A `!` rule with `**` is left out here: the classic CLI skips folders that such a rule could reach into, BuildKit and devloop do not.
it.each<[name: string, dockerfile: string, ignore: string | undefined]>([
  ['no rules', 'FROM scratch\nCOPY . /out/', undefined],
  [
    'folders, wildcards, comments',
    'FROM scratch\nCOPY . /out/',
    '# c\nnode_modules/\n**/*.test.ts\n /docs/drop.md \n.env',
  ],
  ['taken back in', 'FROM scratch\nCOPY . /out/', '*\n!src\n!docs/keep.md\n**/*.md\n!docs/keep.md'],
  [
    'the Dockerfile and the ignore file themselves',
    'FROM scratch\nCOPY . /out/',
    'Dockerfile\n.dockerignore\n**foo',
  ],
  ['everything but some', 'FROM scratch\nCOPY . /out/', '**\n!src/*.ts\n!a\\*b'],
  ['two rules that disagree', 'FROM scratch\nCOPY . /out/', 'src/deep\n!src\np(1)+.txt'],
  ['wildcard sources', 'FROM scratch\nCOPY [a-b]* s*c/*.ts /out/', 'README.md'],
  [
    'stages and a link',
    'FROM scratch AS one\nARG D=src\nCOPY $D/deep /out/deep\nFROM scratch\nCOPY --from=one /out /out/one\nADD link /out/link',
    undefined,
  ],
])('gives the image that docker build gives: %s', async (_name, dockerfile, ignore) => {
  const files = {
    ...tree,
    Dockerfile: dockerfile,
    ...(ignore === undefined ? {} : { '.dockerignore': ignore }),
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await symlink('docs/keep.md', join(root, 'link'))
  const service: ServiceSpec = {
    name: 'inputs',
    context: root,
    dockerfile: join(root, 'Dockerfile'),
    image: images[0],
    target: undefined,
    platform: undefined,
    buildArgs: {},
    secrets: [],
    requires: [],
    workloads: [],
    container: undefined,
    watch: { extra: [], ignore: [] },
    dependsOn: [],
  }
  const snapshot = await createSourceTree().snapshot(service, 'all', new AbortController().signal)
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error))
  const tar = await contextTar({ service, snapshot: snapshot.value })
  await docker(['build', '-q', '-t', images[0], '-f', tar.dockerfile, '-'], tar.stream)
  await docker(['build', '-q', '-t', images[1], root])
  expect(await contents(images[0])).toEqual(await contents(images[1]))
})
