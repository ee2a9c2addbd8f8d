import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

/**
 * Makes `dist` from `src` and the packages that it uses: a few files in place of a thousand, whose loading would be a third of what a short command takes. What
 * is imported when first needed stays a file of its own. The `dependencies` stay where npm puts them: dockerode's SSH client has parts that npm compiles.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const { dependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'))
await rm(`${root}dist`, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist/cli',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: [...Object.keys(dependencies), 'react-devtools-core'],
  // React comes in two builds, of which one is for people who write components.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  // CommonJS packages ask for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
  },
  jsx: 'automatic',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})
await writeFile(`${root}dist/licenses.txt`, await licensesOf(metafile))

/** The licences of the packages whose code is in `dist`, which ask to be handed on with it. */
async function licensesOf({ outputs }: Metafile): Promise<string> {
  const folders = new Set<string>()
  for (const { inputs } of Object.values(outputs))
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder)
    }
  const texts = await Promise.all([...folders].toSorted().map(licenseOf))
  return texts.join('\n\n')
}

async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(`${root}${folder}/package.json`, 'utf8'))
  const files = (await readdir(`${root}${folder}`)).filter(file => /^(licen[cs]e|notice|copying)/i.test(file))
  const texts = await Promise.all(files.map(file => readFile(`${root}${folder}/${file}`, 'utf8')))
  return [`${name} ${version} (${license})`, ...texts.map(text => text.trim())].join('\n\n')
}
