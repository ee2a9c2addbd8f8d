import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config } from './rig/fixtures.js'
import { createProject } from './rig/project.js'

const execute = promisify(execFile)
const example = fileURLToPath(new URL('../../example-project', import.meta.url))

/** The pages of the example and what they are made from; bookings need packages from elsewhere, and no page at rest asks for them. */
const SERVICES = ['client', 'tours', 'reviews']
const MANIFESTS = ['config.yaml', 'ingress.yaml', ...SERVICES.map(name => `${name}.yaml`)]

async function exampleFiles(): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  const take = async (path: string): Promise<void> => {
    files[path] = (await readFile(join(example, path), 'utf8')).replaceAll('tour-shop/', 'NS/')
  }
  for (const name of MANIFESTS) await take(join('k8s', name))
  for (const name of SERVICES) {
    const found = await readdir(join(example, 'services', name), { recursive: true, withFileTypes: true })
    for (const entry of found.filter(one => one.isFile()))
      await take(join(entry.parentPath, entry.name).slice(example.length + 1))
  }
  const services = SERVICES.map(name => `  ${name}: { context: services/${name}, image: NS/${name} }`)
  files['dev.config.yaml'] = config(services.join('\n'), 'manifests: k8s\ngateway: { port: 0 }\n')
  return files
}

/** What a page has become once its scripts ran, as HTML. No name is looked up elsewhere: `tour.xyz` is this machine. */
async function openPage(url: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'devloop-chromium-'))
  try {
    const { stdout } = await execute(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', `--user-data-dir=${profile}`],
        ...['--host-resolver-rules=MAP tour.xyz 127.0.0.1, MAP * ~NOTFOUND', '--virtual-time-budget=5000'],
        ...['--dump-dom', url],
      ],
      { timeout: 90_000, maxBuffer: 16 << 20 },
    )
    return stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(
      'This test opens pages in a browser and needs Chromium: install it (for example: apt-get install chromium).',
    )
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

test('tour.xyz of the example project, in a browser through the gateway', async () => {
  await using project = await createProject(await exampleFiles())
  const up = project.start('up', '--json')
  const { port } = await up.until('gateway', { deadline: 90_000 })
  for (const name of SERVICES)
    await up.until('live', { where: ({ service }) => service === name, deadline: 120_000 })
  const base = `http://tour.xyz:${port}`
  const home = await eventually(async () => {
    const page = await openPage(`${base}/?lang=en`)
    expect(page).toContain('href="/tours/')
    return page
  }, 60_000)
  // Every link of the page leads to a page of this very address.
  const [, path = ''] = /href="(\/tours\/[^"]+)"/.exec(home) ?? []
  const tour = await openPage(`${base}${path.replaceAll('&amp;', '&')}`)
  const [, title = 'no title'] = /<h1[^>]*>([^<]+)</.exec(tour) ?? []
  expect(home).toContain(title)
})
