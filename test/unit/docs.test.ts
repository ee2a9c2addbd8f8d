import { readdirSync, readFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { configSchema } from '../../src/config/schema.js'

const root = join(import.meta.dirname, '../..')
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'bench/README.md'],
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
].map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const links = pages.flatMap(({ path, text }) =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ path, target })),
)
const within = links.filter(({ target }) => !/^[a-z]+:/.test(target))

test.each(within)('$path links to $target, which is there', async ({ path, target }) => {
  const [file = '', anchor] = target.split('#')
  const at = file === '' ? path : join(dirname(path), file)
  await access(join(root, at))
  if (anchor === undefined) return
  const page = pages.find(({ path: other }) => other === at)
  expect(headingsOf(page?.text ?? '')).toContain(anchor)
})

const blocks = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) => ({
    path,
    yaml,
    begins: yaml.split('\n')[0] ?? '',
  })),
)

test.each(blocks)('$path: the block "$begins" is YAML, and valid where it is a config', ({ yaml }) => {
  const keys = new Set(Object.keys(configSchema.shape))
  for (const document of parseAllDocuments(yaml)) {
    expect(document.errors).toEqual([])
    const value: unknown = document.toJS()
    const isConfig =
      typeof value === 'object' && value !== null && Object.keys(value).some(key => keys.has(key))
    if (isConfig && !('apiVersion' in value) && !('jobs' in value))
      expect(configSchema.safeParse(value).error?.issues ?? []).toEqual([])
  }
})

test('every page of the docs can be found from the README', () => {
  const found = links
    .filter(({ path }) => path === 'README.md')
    .map(({ target }) => basename(target.split('#')[0] ?? ''))
  expect(
    readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md') && !found.includes(name)),
  ).toEqual([])
})

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

/** The anchors of a page's headings, as GitHub makes them. */
function headingsOf(text: string): readonly string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}
