import { expect, test } from 'vitest'
import { web, webDockerfile } from './rig/fixtures.js'
import { createProject } from './rig/project.js'

test('a file that the config includes is followed: one that is wrong is shown and changes nothing, one that comes is taken up', async () => {
  await using project = await createProject({
    'dev.config.yaml': `
name: NS
cluster: { kind: dev }
namespace: { default: NS }
include: [teams/*/dev.config.yaml]
profiles:
  here: { activation: [{ context: kind-dev }], waitTimeout: 90s }
`,
    'teams/one/dev.config.yaml': 'services: { one: { image: NS/one, context: web } }\n',
    'teams/one/web/Dockerfile': webDockerfile,
    'teams/one/web/www/index.html': 'one',
    'teams/one/k8s/one.yaml': web('one'),
  })
  await using up = project.start('up', '--json')
  await up.until('live', { where: ({ service }) => service === 'one', deadline: 60_000 })
  expect(up.all('notice').map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^profile here is active: /),
  )

  let since = up.mark()
  await project.write('teams/one/dev.config.yaml', 'services: { one: { imagee: NS/one, context: web } }\n')
  const { problem } = await up.until('problem', { since })
  expect(problem).toMatchObject({
    kind: 'config-invalid',
    diagnostics: [{ message: expect.stringContaining('"imagee"') }],
  })
  since = up.mark()
  await project.write('teams/one/web/www/index.html', 'two')
  await up.until('live', { since, where: ({ service }) => service === 'one', deadline: 60_000 })

  since = up.mark()
  await project.write('teams/one/dev.config.yaml', 'services: { one: { image: NS/one, context: web } }\n')
  await up.until('config', { since })
  since = up.mark()
  await project.write('staged/Dockerfile', webDockerfile)
  await project.write('staged/www/index.html', 'two')
  await project.write('staged/k8s/two.yaml', web('two'))
  await project.write('staged/dev.config.yaml', 'services: { two: { image: NS/two, context: . } }\n')
  await project.rename('staged', 'teams/two')
  await up.until('live', { since, where: ({ service }) => service === 'two', deadline: 60_000 })
})
