import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ManifestSpec } from '../../core/project.js'
import { createManifestSource } from './raw-manifests.js'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devloop-render-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function files(contents: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}
const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
const spec = (path: string, rest: Partial<ManifestSpec> = {}): ManifestSpec => ({
  path,
  exclude: [],
  substitute: true,
  ...rest,
})

async function render(specs: readonly ManifestSpec[], variables: Readonly<Record<string, string>> = {}) {
  const result = await createManifestSource().render(specs, variables, root)
  if (!result.ok) {
    const diagnostics = result.error.kind === 'render-failed' ? result.error.diagnostics : []
    return {
      names: [],
      skipped: [],
      warnings: [],
      errors: diagnostics.map(({ message }) => message.replaceAll(`${root}/`, '')),
    }
  }
  const { value } = result
  return {
    names: value.objects.map(({ object }) => object.metadata.name),
    skipped: value.skipped.map(({ file, reason }) => `${relative(root, file)}: ${reason}`),
    warnings: value.warnings.map(({ message }) => message),
    errors: [],
    files: value.files.map(file => relative(root, file)),
    folders: value.folders.map(folder => relative(root, folder)),
  }
}

describe('createManifestSource', () => {
  it.each(['k8s', './k8s/**/*'])('reads %s in path order and tells what it left out', async path => {
    await files({
      'k8s/b.yml': map('b'),
      'k8s/a/z.yaml': map('z'),
      'k8s/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
      'k8s/notes.md': '# hi',
      'k8s/values.yaml': 'a: 1',
      'k8s/none.yaml': '# nothing',
    })
    expect(await render([spec(path)])).toMatchObject({
      names: ['z', 'b', 'c'],
      skipped: [
        'k8s/notes.md: is not .yaml, .yml or .json',
        'k8s/none.yaml: has no document, or comments only',
        'k8s/values.yaml: has no apiVersion and kind',
      ],
      warnings: [],
      files: ['k8s/a/z.yaml', 'k8s/b.yml', 'k8s/c.json', 'k8s/none.yaml', 'k8s/values.yaml'],
    })
  })

  it('excludes, reads nothing twice, and replaces variables as the first entry says', async () => {
    await files({ 'k8s/a.yaml': map('$NAME'), 'k8s/logging/b.yaml': map('b'), 'k8s/c.skip.yaml': map('c') })
    const specs = [
      spec('k8s', { exclude: ['logging/**', '**/*.skip.yaml'] }),
      spec('k8s/a.yaml', { substitute: false }),
    ]
    expect(await render(specs, { NAME: 'tours' })).toMatchObject({ names: ['tours'], errors: [] })
  })

  it('leaves kustomizations and charts to a version that runs them', async () => {
    await files({
      'k8s/app/kustomization.yaml': 'resources: [d.yaml]',
      'k8s/app/d.yaml': map('d'),
      'k8s/db/Chart.yaml': 'name: db',
      'k8s/db/templates/x.yaml': '{{- if .Values.x }}',
      'k8s/plain.yaml': map('plain'),
    })
    const folder = await render([spec('k8s')])
    expect(folder.names).toEqual(['plain'])
    expect(folder.warnings).toEqual([
      'k8s/app/kustomization.yaml is not applied, and neither are the 1 files below it: this version does not run kustomize',
      'k8s/db/Chart.yaml is not applied, and neither are the 1 files below it: this version does not run helm',
    ])
    expect((await render([spec('k8s/**/*.yaml')])).names).toEqual(['d', 'plain'])
  })

  it('reports every error of every file at once', async () => {
    await files({
      'k8s/a.yaml': map('a'),
      'k8s/b.yaml': `${map('a')}---\n${map('$TYPO')}`,
      'k8s/c.yaml': 'apiVersion: [',
      'k8s/d.yaml': new Uint8Array([0x61, 0xff]),
    })
    const { errors } = await render([spec('k8s'), spec('missing')])
    expect(errors).toContain('manifests: missing does not exist')
    expect(errors).toContain('metadata.name has $TYPO, but no variable of that name is declared')
    expect(errors).toContain('k8s/d.yaml: is not UTF-8')
    expect(errors).toContain('configmap/a is already defined at k8s/a.yaml:1')
    expect(errors.length).toBeGreaterThanOrEqual(5)
  })
})
