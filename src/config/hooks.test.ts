import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'

const parse = (hooks: string, options: { readonly where?: 'service' | 'project'; system?: string } = {}) =>
  parseConfig({
    text: options.where === 'project' ? `hooks: ${hooks}\n` : `services:\n  tour:\n    hooks: ${hooks}\n`,
    file: '/shop [old]/dev.config.yaml',
    env: {},
    home: '/home/ann',
    cpus: 2,
    defaultManifests: [],
    ...(options.system === undefined ? {} : { system: options.system }),
  })

const host = (cwd: string) => ({ kind: 'host', cwd })
const TOUR = '/shop [old]/tour'

describe('hooks of a service', () => {
  test.each<[string, object]>([
    [
      '{ afterDeploy: npm run migrate }',
      { afterDeploy: [{ id: 'tour.afterDeploy', run: 'npm run migrate', place: host(TOUR) }] },
    ],
    [
      '{ beforeBuild: [npm ci, { run: [make, "a b"], cwd: ../lib, env: { V: 1.10 }, timeout: 1m30s }] }',
      {
        beforeBuild: [
          { id: 'tour.beforeBuild', run: 'npm ci' },
          {
            id: 'tour.beforeBuild[1]',
            run: ['make', 'a b'],
            place: host('/shop [old]/lib'),
            env: { V: '1.10' },
            timeout: 90,
          },
        ],
      },
    ],
    [
      '{ beforeBuild: { run: ./mvnw -q package, inputs: [src, ../pom.xml], outputs: ["target/*.war"], lock: maven } }',
      {
        beforeBuild: [
          {
            lock: 'maven',
            inputs: [
              { base: `${TOUR}/src`, glob: undefined },
              { base: '/shop [old]/pom.xml', glob: undefined },
            ],
            outputs: [{ base: `${TOUR}/target`, glob: '*.war' }],
          },
        ],
      },
    ],
    [
      '{ afterSync: { run: ls, container: true }, beforeDeploy: { run: ls, container: db, workload: sts/mysql } }',
      {
        afterSync: [{ place: { kind: 'container', workload: undefined, container: undefined } }],
        beforeDeploy: [{ place: { kind: 'container', workload: 'statefulset/mysql', container: 'db' } }],
      },
    ],
  ])('%s', (hooks, expected) => {
    expect(parse(hooks)).toMatchObject({ ok: true, value: { project: { services: [{ hooks: expected }] } } })
  })

  test.each([
    ['linux', ['tour.afterBuild', 'tour.afterBuild[2]']],
    ['windows', ['tour.afterBuild[1]', 'tour.afterBuild[2]']],
    ['darwin', ['tour.afterBuild', 'tour.afterBuild[1]', 'tour.afterBuild[2]']],
  ])('those of %s keep their place in the list', (system, ids) => {
    const hooks =
      '{ afterBuild: [{ run: a, os: [linux, darwin] }, { run: b, os: [windows, darwin] }, { run: c }] }'
    expect(parse(hooks, { system })).toMatchObject({
      ok: true,
      value: { project: { services: [{ hooks: { afterBuild: ids.map(id => ({ id })) } }] } },
    })
  })
})

describe('refused', () => {
  test.each<['service' | 'project', string, string]>([
    ['service', '{ beforeRender: make }', 'unknown key "beforeRender"'],
    ['service', '{ beforeBuild: { command: make } }', '"run" is missing'],
    ['service', '{ afterBuild: { run: a, os: macos } }', '"os" must be one of: linux, darwin, windows'],
    [
      'service',
      '{ beforeBuild: { run: a, container: true } }',
      'a beforeBuild hook cannot run in a container',
    ],
    [
      'service',
      '{ afterDeploy: { run: a, container: true, cwd: x } }',
      '"cwd" is for hooks on this machine; this one runs in a container',
    ],
    [
      'service',
      '{ afterDeploy: { run: a, workload: deployment/x } }',
      '"workload" counts only for a hook that runs in a container',
    ],
    [
      'service',
      '{ afterDeploy: { run: a, inputs: [x] } }',
      '"inputs" goes with beforeBuild and beforeRender, not with afterDeploy',
    ],
    ['service', "{ beforeBuild: { run: a, inputs: ['!x'] } }", '"!x" would match nearly everything'],
    ['service', '{ beforeBuild: { run: a, timeout: 0s } }', '"timeout" must be more than 0'],
    [
      'project',
      '{ afterDeploy: { run: a, container: true } }',
      'a hook of the project belongs to no container',
    ],
  ])('%s %s', (where, hooks, message) => {
    const result = parse(hooks, { where })
    const found = result.ok || result.error.kind !== 'config-invalid' ? [] : result.error.diagnostics
    expect(found.map(one => one.message)).toContain(message)
  })
})
