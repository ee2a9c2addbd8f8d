import { expect, test } from 'vitest'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { createProject } from './rig/project.js'

const dockerfile = (folder: string) => webDockerfile.replace('COPY www', `COPY ${folder}/www`)

test.concurrent('services of one context: a save in one folder builds one image, and equal builds are one', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(`  web: { image: NS/web, context: ., dockerfile: web/Dockerfile }
  api: { image: NS/api, context: ., dockerfile: api/Dockerfile }
  twin: { image: NS/twin, context: ., dockerfile: api/Dockerfile }`),
    'web/Dockerfile': dockerfile('web'),
    'web/www/index.html': 'web of NS',
    'api/Dockerfile': dockerfile('api'),
    'api/www/index.html': 'api of NS',
    'k8s/all.yaml': ['web', 'api', 'twin'].map(name => web(name)).join('---\n'),
  })
  const up = project.start('up', '--json')
  for (const name of ['web', 'api', 'twin'])
    await up.until('live', { where: ({ service }) => service === name, deadline: 40_000 })
  const built = (since = 0) =>
    up
      .all('built', since)
      .filter(({ cached }) => !cached)
      .map(({ service }) => service)
  expect(built().filter(service => service !== 'web')).toHaveLength(1)
  expect(built()).toHaveLength(2)

  const since = up.mark()
  await project.write('web/www/index.html', 'second web of NS')
  await up.until('live', { since, where: ({ service }) => service === 'web' })
  expect(built(since)).toEqual(['web'])
  expect(up.all('save', since)).toMatchObject([{ service: 'web', files: ['web/www/index.html'] }])
  expect(up.all('applied', since).map(({ object }) => object)).toEqual([
    `deployment/web -n ${project.namespace}`,
  ])
})

test.concurrent('a required image is built first and given as an argument; a save of it builds both', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(`  web: { image: NS/web, requires: [{ service: base, arg: BASE }] }
  base: { image: NS/base }`),
    'base/Dockerfile': 'FROM busybox:1.35\nCOPY about /about\n',
    'base/about': 'base of NS\n',
    'web/Dockerfile': 'ARG BASE\nFROM $BASE\nCMD cat /about; sleep 600\n',
    'k8s/web.yaml': web('web', { container: 'env: []' }),
  })
  const up = project.start('up', '--json')
  await up.until('live', { where: ({ service }) => service === 'web', deadline: 40_000 })
  expect(up.all('built').map(({ service }) => service)).toEqual(['base', 'web'])
  await up.until('log', { where: ({ text }) => text === `base of ${project.namespace}` })
  const since = up.mark()
  await project.write('base/about', 'second base of NS\n')
  await up.until('log', { since, where: ({ text }) => text === `second base of ${project.namespace}` })
  expect(up.all('built', since).map(({ service }) => service)).toEqual(['base', 'web'])
})

test.concurrent('dependsOn: what is depended on is live before its dependent is applied', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(`  web: { image: NS/web, dependsOn: [api] }
  api: { image: NS/api }`),
    'web/Dockerfile': webDockerfile,
    'web/www/index.html': 'web of NS',
    'api/Dockerfile': webDockerfile,
    'api/www/index.html': 'api of NS',
    'k8s/all.yaml': `${web('web')}---\n${web('api')}`,
  })
  const up = project.start('up', '--once', '--json')
  expect(await up.exit).toMatchObject({ code: 0 })
  const order = up.told.flatMap(told => {
    if (told.type === 'live') return [`${told.service} live`]
    return told.type === 'applied' && told.object.startsWith('deployment') ? [told.object.split(' ')[0]] : []
  })
  expect(order).toEqual(['deployment/api', 'api live', 'deployment/web', 'web live'])
})

test.concurrent('a cycle of dependsOn is refused by its names', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(`  web: { image: NS/web, dependsOn: [api] }
  api: { image: NS/api, dependsOn: [web] }`),
    'web/Dockerfile': webDockerfile,
    'api/Dockerfile': webDockerfile,
  })
  const ended = await project.run('up', '--plain')
  expect(ended.code).toBe(2)
  expect(ended.stderr).toMatch(/web.*api|api.*web/)
})
