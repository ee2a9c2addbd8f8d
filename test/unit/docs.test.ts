import { readdirSync, readFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { configSchema } from '../../src/config/schema.js'
import { commandNames, takesLine } from '../../src/testing/takes-line.js'

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

/** What the pages say that one may type: a command alone by its name, everything else as a whole line. */
const lines = pages.flatMap(({ path, text }) => {
  const inText = [...text.matchAll(/`devloop ([^`\n]+)`/g)]
  const inBlocks = [...text.matchAll(/^(?:\$ )?(?:npx )?devloop (.+)$/gm)].filter(({ index }) =>
    isInShellBlock(text, index),
  )
  return [...inText, ...inBlocks].map(([, line = '']) => ({ path, line: plainLine(line) }))
})

test.each(lines)('$path: the parser takes devloop $line', async ({ line }) => {
  if (line.includes(' ') && !line.endsWith(' --help')) expect(await takesLine(line)).toBe(true)
  else expect(['--help', 'COMMAND --help', ...commandNames()]).toContain(line)
})

test('every page of the docs can be found from the README', () => {
  const found = links
    .filter(({ path }) => path === 'README.md')
    .map(({ target }) => basename(target.split('#')[0] ?? ''))
  expect(
    readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md') && !found.includes(name)),
  ).toEqual([])
})

/** Without what a shell does with it, each part that may be left out there, the first of what can be chosen. */
function plainLine(line: string): string {
  return line
    .replace(/ +# .*| +> .*| +&& .*| {3,}.*/, '')
    .replaceAll('\\|', '|')
    .replaceAll(/\[([^\]]*)\]/g, '$1')
    .replaceAll(/\|\w+/g, '')
    .replaceAll('…', '')
    .trim()
}

function isInShellBlock(text: string, at: number): boolean {
  const fences = [...text.slice(0, at).matchAll(/^```(\w*)$/gm)]
  return fences.length % 2 === 1 && ['sh', 'bash'].includes(fences.at(-1)?.[1] ?? '')
}

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
