import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import { createManifestSource } from '../../src/adapters/render/manifest-source.js'
import { loadConfig } from '../../src/config/load.js'
import { lintManifests } from '../../src/core/lint/lint-manifests.js'
import { renderProject } from '../../src/engine/effects/render.js'

it('warns of nothing in the example project', async () => {
  const config = await loadConfig({ cwd: join(import.meta.dirname, '../..'), env: {} })
  if (!config.ok) throw new Error(JSON.stringify(config.error, null, 2))
  const { project } = config.value
  const { result } = await renderProject(createManifestSource({ runner: createProcessRunner() }), {
    project,
    cluster: undefined,
    only: undefined,
    configHashKey: '',
    signal: new AbortController().signal,
  })
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2))
  const { objects } = result.value.linked
  expect(lintManifests({ objects, services: project.services, connected: false })).toEqual([])
})
