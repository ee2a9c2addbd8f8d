import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { fetchText } from './rig/http.js'
import { kubectl, read } from './rig/kubectl.js'
import { createProject } from './rig/project.js'

const PORT = 30022

test('up --once brings everything up from nothing, and a second one does nothing', async () => {
  await using project = await createProject({
    'dev.config.yaml': config('  web: { image: NS/web }'),
    'web/Dockerfile': webDockerfile,
    'web/www/index.html': 'hello from NS',
    'k8s/web.yaml': web('web', { nodePort: PORT }),
    'k8s/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: "1" }\n',
  })
  const first = project.start('up', '--once', '--json')
  expect(await first.exit).toMatchObject({ code: 0 })
  expect(first.all('built')).toMatchObject([{ service: 'web', cached: false }])
  expect(first.all('applied').map(({ object }) => object)).toHaveLength(4)
  expect(first.all('live')).toHaveLength(1)
  await eventually(async () => expect(await fetchText(PORT)).toBe(`hello from ${project.namespace}`))

  const versions = () =>
    kubectl([
      'get',
      'deploy,svc,cm',
      '-n',
      project.namespace,
      '-o',
      'jsonpath={.items[*].metadata.resourceVersion}',
    ])
  const before = await versions()
  const pods = await kubectl(['get', 'pods', '-n', project.namespace, '-o', 'name'])
  const second = project.start('up', '--once', '--json')
  expect(await second.exit).toMatchObject({ code: 0 })
  expect(second.all('built').filter(({ cached }) => !cached)).toEqual([])
  expect(second.all('loaded')).toEqual([])
  expect(second.all('applied')).toEqual([])
  expect(await versions()).toBe(before)
  expect(await kubectl(['get', 'pods', '-n', project.namespace, '-o', 'name'])).toBe(pods)
  expect((await read(project.namespace, 'deployment', 'web')).metadata.generation).toBe(1)
})
