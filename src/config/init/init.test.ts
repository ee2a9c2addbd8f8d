// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfiles and compose files
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../parse.js'
import { plainOf } from '../skaffold/config-node.js'
import { writeYaml } from '../skaffold/write-yaml.js'
import { discover } from './discover.js'
import { pairImages } from './pair-images.js'
import type { FoundDockerfile } from './project-facts.js'
import { proposeConfig, rawFolders } from './propose-config.js'

const deployment = (image: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\nspec: { template: { spec: { containers: [{ name: c, image: '${image}' }] } } }\n`

async function propose(files: Readonly<Record<string, string>>) {
  const facts = await discover('shop', Object.keys(files), async path => files[path])
  const { pairings, alone, foreign } = pairImages(facts.dockerfiles, facts.images)
  const config = proposeConfig(facts, {
    pairs: pairings.flatMap(({ dockerfile, candidates: [image] }) =>
      image === undefined ? [] : [{ dockerfile, image }],
    ),
    alone: alone.map(dockerfile => ({ dockerfile, why: 'like no image' })),
    foreign,
    kustomizations: facts.kustomizations,
  })
  return {
    facts,
    config: plainOf(config) as Record<string, unknown>,
    text: writeYaml(config, ['Written by devloop init.']),
  }
}

const found = (path: string, ...names: string[]): FoundDockerfile => ({
  path,
  context: '.',
  names,
  image: undefined,
  target: undefined,
  buildArgs: {},
  bases: [],
  secrets: [],
})

describe('pairing Dockerfiles with images', () => {
  it.each([
    ['the same name', ['auth'], ['csup96/auth:1'], ['csup96/auth:1']],
    [
      'a registry with a port, and a digest',
      ['auth'],
      [`localhost:5000/x/auth@sha256:${'0'.repeat(64)}`],
      [`localhost:5000/x/auth@sha256:${'0'.repeat(64)}`],
    ],
    ['an end of the name', ['auth'], ['csup96/tour-auth'], ['csup96/tour-auth']],
    ['the beginning of the name', ['auth-service'], ['auth'], ['auth']],
    ['a part that is no word is no name', ['au'], ['auth'], []],
    ['two alike', ['web'], ['a/web', 'b/web'], ['a/web', 'b/web']],
    ['the same name before an end of it', ['web'], ['my-web', 'web'], ['web']],
  ])('%s', (_, names, images, candidates) => {
    const { pairings } = pairImages(
      [found('Dockerfile', ...names)],
      images.map(image => ({ image, file: 'k8s/a.yaml' })),
    )
    expect(pairings.flatMap(pairing => pairing.candidates.map(({ image }) => image))).toEqual(candidates)
  })

  it('leaves an image to the Dockerfile that fits it better', () => {
    const { pairings, alone } = pairImages(
      [found('a', 'auth'), found('b', 'tour-auth')],
      [{ image: 'x/tour-auth', file: 'f' }],
    )
    expect(pairings.map(({ dockerfile }) => dockerfile.path)).toEqual(['b'])
    expect(alone.map(({ path }) => path)).toEqual(['a'])
  })
})

describe('folders of manifests', () => {
  it.each([
    [['k8s/a.yaml', 'k8s/b/c.yaml'], ['k8s']],
    [
      ['app.yaml', 'x/y.yaml'],
      ['app.yaml', 'x'],
    ],
    [
      ['auth/k8s/dev/a.yaml', 'tour/k8s/b.yaml'],
      ['auth/k8s', 'tour/k8s'],
    ],
    [['a/x.yaml', 'a/b/y.yaml'], ['a']],
  ])('%j are in %j', (files, folders) => {
    expect(rawFolders(files)).toEqual(folders)
  })
})

describe('a config from what is there', () => {
  it('is one of services, manifests, charts and kustomizations, with comments for what is left, and valid', async () => {
    const { config, text } = await propose({
      'auth/Dockerfile': 'FROM a',
      'tour/Dockerfile.dev': 'FROM a',
      'worker/Dockerfile': 'FROM a',
      'api/Dockerfile': 'FROM a',
      'compose.yaml':
        'services: { backend: { build: { context: ., dockerfile: api/Dockerfile }, image: acme/core } }',
      'k8s/auth.yaml': deployment('pusan/tour-auth:1.0'),
      'k8s/tour.yaml': deployment('pusan/tour'),
      'k8s/api.yaml': deployment('acme/core'),
      'k8s/redis.yaml': deployment('redis:7'),
      'k8s/logging/kustomization.yaml': 'resources: [x.yaml]',
      'k8s/logging/x.yaml': deployment('fluentd'),
      'charts/db/Chart.yaml': 'name: db',
      'charts/db/values.yaml': 'image: { repository: mysql }',
      'charts/db/templates/a.yaml': 'apiVersion: {{ nonsense',
      'charts/db/charts/sub/Chart.yaml': 'name: sub',
      'package.json': '{}',
    })
    expect(config).toEqual({
      services: {
        core: { context: '.', dockerfile: 'api/Dockerfile', image: 'acme/core' },
        'tour-auth': { context: 'auth', image: 'pusan/tour-auth' },
        tour: { dockerfile: 'Dockerfile.dev', image: 'pusan/tour' },
      },
      manifests: [
        { path: 'k8s', exclude: ['logging/**'] },
        { kustomize: 'k8s/logging' },
        { helm: 'charts/db' },
      ],
    })
    expect(text).toMatch(/^# Written by devloop init\.\n\n# What is built/)
    expect(text).toContain('# worker/Dockerfile: like no image\n#   worker: { context: worker }\n')
    expect(text).toContain('#   redis:7 (k8s/redis.yaml)\n')
    const parsed = parseConfig({
      text,
      file: '/shop/dev.config.yaml',
      env: {},
      home: '/home/me',
      cpus: 2,
      defaultManifests: [],
    })
    expect(parsed.ok ? parsed.value.project.services.map(({ name }) => name) : parsed.error).toEqual([
      'core',
      'tour-auth',
      'tour',
    ])
  })

  it('takes the kustomizations that no other one builds upon', async () => {
    const { facts } = await propose({
      'base/kustomization.yaml': 'resources: [a.yaml]',
      'base/a.yaml': deployment('web'),
      'overlays/dev/kustomization.yaml':
        'resources: [../../base]\nimages: [{ name: web, newName: acme/web }]',
      'overlays/prod/kustomization.yaml': 'resources: [../../base]',
    })
    expect(facts.kustomizations).toEqual(['overlays/dev', 'overlays/prod'])
    expect(facts.manifests).toEqual([])
    expect(facts.images.map(({ image }) => image)).toEqual(['acme/web', 'web'])
  })

  it('knows the name that a kustomization puts in place of an image', async () => {
    const { facts } = await propose({
      'k8s/kustomization.yaml': 'resources: [a.yaml]\nimages: [{ name: acme/egov-web, newName: acme/web }]',
      'k8s/a.yaml': deployment('acme/egov-web:latest'),
    })
    expect(facts.images).toEqual([
      { image: 'acme/web', file: 'k8s/kustomization.yaml' },
      { image: 'acme/egov-web:latest', file: 'k8s/a.yaml', becomes: ['acme/web'] },
    ])
  })

  it('declares the variables that names in the manifests have, and no others', async () => {
    const { config, text } = await propose({
      'k8s/a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: $TARGET_NAMESPACE }\ndata: { path: "$HOME/x" }',
      'k8s/b.yaml': deployment('$REGISTRY/web'),
    })
    expect(config.variables).toEqual({
      TARGET_NAMESPACE: { env: 'TARGET_NAMESPACE', default: 'shop' },
      REGISTRY: { env: 'REGISTRY', default: '' },
    })
    expect(text).toContain('# What stands for $NAME in the manifests')
  })

  it('builds what there is where there are no manifests', async () => {
    const { config } = await propose({
      Dockerfile: 'FROM a',
      'Dockerfile.dockerignore': 'x',
      'web/Dockerfile': 'FROM a',
    })
    expect(config).toEqual({ services: { shop: { context: '.' }, web: {} } })
  })

  it('takes an image for the same with and without latest', async () => {
    const { config } = await propose({
      'web/Dockerfile': 'FROM a',
      'k8s/a.yaml': [deployment('acme/web'), deployment('acme/web:latest')].join('---\n'),
    })
    expect(config.services).toEqual({ web: { image: 'acme/web' } })
  })

  it('takes the folder for the context in which there is what a Dockerfile copies', async () => {
    const { config } = await propose({
      'docker/web.Dockerfile':
        'FROM a\nCOPY package.json ./\nCOPY apps/web apps/web\nCOPY *.lock made/by/a/tool ./',
      'docker/api.Dockerfile': 'FROM a\nCOPY . .',
      'apps/job/docker/Dockerfile.job': 'FROM a AS one\nCOPY --from=b /x /x\nCOPY src /src\nCOPY not/there /',
      'apps/own/Dockerfile': 'FROM a\nCOPY package.json /',
      'apps/run/Dockerfile': 'FROM a\nCOPY . .\nCMD ["node", "./apps/run/main.js"]',
      'apps/run/main.js': '',
      'apps/into/Dockerfile': 'FROM a\nCOPY . apps/into\nCMD ["node", "dist/made/by/a/tool.js"]',
      'apps/own/package.json': '{}',
      'apps/job/src/main.js': '',
      'apps/web/main.js': '',
      'package.json': '{}',
      'k8s/a.yaml': ['web', 'api', 'job', 'own', 'run', 'into'].map(deployment).join('---\n'),
    })
    expect(config.services).toEqual({
      api: { context: 'docker', dockerfile: 'api.Dockerfile' },
      job: { context: 'apps/job', dockerfile: 'docker/Dockerfile.job' },
      into: { context: 'apps/into' },
      own: { context: 'apps/own' },
      run: { context: '.', dockerfile: 'apps/run/Dockerfile' },
      web: { context: '.', dockerfile: 'docker/web.Dockerfile' },
    })
  })

  it('takes the target and the arguments that a compose file gives a build', async () => {
    const { config } = await propose({
      'web/Dockerfile': 'FROM a AS dev\nFROM a AS test',
      'api/Dockerfile': 'FROM a',
      'docker-compose.yml': [
        'services:',
        '  web:',
        '    build:',
        '      context: web',
        '      target: dev',
        '      args: { MODE: dev, V: "${VERSION:-1.0}", T: $TOKEN, N: , MIX: "${A}-${B}", PRICE: $$5 }',
        '  api: { build: { context: api, args: [MODE=dev, TOKEN] } }',
      ].join('\n'),
      'k8s/a.yaml': ['web', 'api'].map(deployment).join('---\n'),
    })
    expect(config.services).toEqual({
      api: { buildArgs: { MODE: 'dev', TOKEN: { env: 'TOKEN' } } },
      web: {
        target: 'dev',
        buildArgs: {
          MODE: 'dev',
          V: { env: 'VERSION', default: '1.0' },
          T: { env: 'TOKEN' },
          N: { env: 'N' },
          PRICE: '$5',
        },
      },
    })
  })

  it('builds what others are built upon, and not what only has the name of a public image', async () => {
    const { config } = await propose({
      'base/Dockerfile': 'FROM node:20',
      'node/Dockerfile': 'FROM scratch',
      'legacy/Dockerfile': 'ARG BASE=acme/base\nARG NODE=node:20\nFROM ${NODE} AS tools\nFROM ${BASE}',
    })
    expect(config.services).toEqual({
      base: { image: 'acme/base' },
      legacy: { requires: [{ service: 'base', arg: 'BASE' }] },
      node: {},
    })
  })

  it('says which build secrets a Dockerfile wants', async () => {
    const { text } = await propose({
      'web/Dockerfile':
        'FROM a\nRUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=cache,target=/c npm ci\nRUN --mount=type=secret,target=/run/token x',
    })
    expect(text).toContain(
      'Its Dockerfile mounts build secrets; say where they are: secrets: [{ id: npmrc, file: … }, { id: token, file: … }]',
    )
  })
})
