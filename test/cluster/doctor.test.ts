import { expect, test } from 'vitest'
import type { Finding } from '../../src/core/doctor/finding.js'
import { webDockerfile } from './rig/fixtures.js'
import { createProject } from './rig/project.js'

const FILES = {
  'dev.config.yaml':
    'name: doctor\nnamespace: NS\ncluster: { kind: dev }\nservices: { web: { image: NS/web } }\nmanifests: k8s\n',
  'web/Dockerfile': webDockerfile,
  'k8s/web.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 30999 }] }\n',
}

test('doctor finds this machine fit, and says what stops up where Docker is nowhere', async () => {
  await using project = await createProject(FILES)
  const well = await project.run('doctor', '--json')
  const { ok, findings } = JSON.parse(well.stdout) as {
    readonly ok: boolean
    readonly findings: readonly Finding[]
  }
  expect(findings.filter(({ state }) => state === 'failure')).toEqual([])
  expect({ ok, code: well.code, stderr: well.stderr }).toEqual({ ok: true, code: 0, stderr: '' })
  const text = (check: Finding['check']) =>
    findings
      .filter(one => one.check === check)
      .map(one => one.text)
      .join('; ')
  expect(text('config')).toContain('1 service')
  expect(text('cluster')).toContain('kind-dev answers at https://127.0.0.1:')
  expect(text('load')).toContain('the engine reaches this process (tried)')

  await using nowhere = await createProject(FILES, { env: { DOCKER_HOST: 'tcp://me:hunter2@127.0.0.1:1' } })
  const ill = await nowhere.run('doctor')
  expect(ill.code).toBe(1)
  expect(ill.stdout).toMatch(/^✗ docker .* tcp:\/\/me:•••@127\.0\.0\.1:1: nothing listens there/m)
  expect(ill.stdout).toMatch(/^✓ cluster /m)
  expect(ill.stdout).toMatch(/^– load +not looked at, for Docker does not answer/m)
})
