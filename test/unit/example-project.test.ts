import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import { createManifestSource } from '../../src/adapters/render/manifest-source.js'
import { loadConfig } from '../../src/config/load.js'
import { linkObjects } from '../../src/core/manifest/link.js'

const root = join(import.meta.dirname, '../..')
const services = ['tours', 'reviews', 'bookings', 'expiration', 'client']

async function project() {
  const config = await loadConfig({ cwd: root, env: {} })
  if (!config.ok) throw new Error(JSON.stringify(config.error, null, 2))
  return config.value.project
}

describe('the example project', () => {
  it('has a config without findings that names its services', async () => {
    const { name, cluster, namespace, services: found } = await project()
    expect({ name, cluster, namespace: namespace.default }).toEqual({
      name: 'tours',
      cluster: { kind: 'auto' },
      namespace: 'tours',
    })
    expect(found.map(service => [service.name, relative(root, service.context)])).toEqual(
      services.map(service => [service, `example-project/services/${service}`]),
    )
  })

  it('has manifests that run every service, without a diagnostic', async () => {
    const { manifests, variables, namespace, configFile, services: specs } = await project()
    const { result: rendered } = await createManifestSource({ runner: createProcessRunner() }).render({
      specs: manifests,
      variables,
      root,
      configFile,
      namespace: namespace.default ?? 'default',
      cluster: undefined,
      signal: new AbortController().signal,
    })
    if (!rendered.ok) throw new Error(JSON.stringify(rendered.error, null, 2))
    const linked = linkObjects({
      objects: rendered.value.objects,
      services: specs,
      namespace,
      scope: () => undefined,
      configHashKey: 'key',
    })
    expect([...rendered.value.warnings, ...rendered.value.skipped, ...linked.diagnostics]).toEqual([])
    const images = linked.objects.flatMap(({ ref, images: own }) =>
      own.map(({ image, service }) => [ref.name, service ?? image]),
    )
    expect(images.toSorted()).toEqual(
      [
        ...services.map(service => [service, service]),
        ['nats', 'nats:2-scratch'],
        ['redis', 'redis:7-bookworm'],
      ].toSorted(),
    )
    expect(new Set(linked.objects.map(({ ref }) => ref.namespace))).toEqual(new Set(['tours']))
  })

  // Each service is a build context of its own, so each has its copy of what they share: a fix must reach all of them.
  it.each([
    ['service/log.js', services],
    ['service/settings.js', services],
    ['service/http-service.js', services],
    ['events.js', ['bookings', 'expiration']],
  ])('has equal copies of %s', async (file, holders) => {
    const texts = await Promise.all(
      holders.map(service => readFile(join(root, 'example-project/services', service, 'src', file), 'utf8')),
    )
    expect(new Set(texts).size).toBe(1)
  })

  it('locks the npm packages of the services that have any', async () => {
    for (const service of services) {
      const folder = join(root, 'example-project/services', service)
      const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
      const locked = (await readdir(folder)).includes('package-lock.json')
      expect([service, locked]).toEqual([service, Object.hasOwn(Object(manifest), 'dependencies')])
    }
  })
})
