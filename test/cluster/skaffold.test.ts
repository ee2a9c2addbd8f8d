import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { web, webDockerfile } from './rig/fixtures.js'
import { fetchText } from './rig/http.js'
import { createProject } from './rig/project.js'

const PORT = 30017

const SKAFFOLD = `apiVersion: skaffold/v4beta3
kind: Config
manifests:
  rawYaml:
    - ./k8s/**/*
build:
  local:
    push: false
  artifacts:
    - image: NS/web
      context: web
      docker:
        dockerfile: Dockerfile
        ssh: default
deploy:
  kubeContext: kind-dev
  kubectl:
    defaultNamespace: NS
`

test('a project with a skaffold.yaml alone comes up as it is, says what is not translated, and takes a save', async () => {
  await using project = await createProject({
    'skaffold.yaml': SKAFFOLD,
    'web/Dockerfile': webDockerfile,
    'web/www/index.html': 'one',
    'k8s/web/web.yaml': web('web', { nodePort: PORT }),
    'k8s/web/README.md': 'no manifest',
  })
  const once = project.start('up', '--once', '--json', '-f', 'skaffold.yaml')
  expect(await once.exit).toMatchObject({ code: 0 })
  const notices = once.all('notice').map(({ message }) => message)
  expect(notices).toContainEqual(expect.stringContaining('skaffold.yaml is the config, but for one field'))
  expect(notices).toContainEqual(
    expect.stringContaining('skaffold.yaml:14: build.artifacts[0].docker.ssh is not translated'),
  )
  await eventually(async () => expect(await fetchText(PORT)).toBe('one'))

  // Without -f it is found by itself.
  await using up = project.start('up', '--json')
  await up.until('live', { deadline: 60_000 })
  await project.write('web/www/index.html', 'two')
  await eventually(async () => expect(await fetchText(PORT)).toBe('two'))
})
