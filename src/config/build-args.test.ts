import { describe, expect, it } from 'vitest'
import { parseConfig } from './parse.js'

const parse = (buildArgs: string, env: Readonly<Record<string, string>>) =>
  parseConfig({
    text: `services:\n  web:\n    buildArgs: ${buildArgs}\n`,
    file: '/shop/dev.config.yaml',
    env,
    home: '/home/me',
    cpus: 4,
    defaultManifests: [],
  })

describe('buildArgs from the environment', () => {
  it.each([
    ['{ V: { env: VERSION } }', { VERSION: '1.10' }, { V: '1.10' }, 0],
    ['{ V: { env: VERSION } }', { VERSION: '' }, { V: '' }, 0],
    ['{ V: { env: VERSION, default: 1.10 } }', {}, { V: '1.10' }, 0],
    ['{ V: { env: VERSION, default: dev } }', { VERSION: 'x' }, { V: 'x' }, 0],
    ['{ V: { env: VERSION }, W: 2 }', {}, { W: '2' }, 1],
  ])('%s with %o is %o', (written, env, expected, warnings) => {
    const parsed = parse(written, env)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
    expect(parsed.value.project.services[0]?.buildArgs).toEqual(expected)
    expect(parsed.value.warnings.map(({ message }) => message)).toHaveLength(warnings)
  })

  it('says which variable is not set, at its place', () => {
    const parsed = parse('{ V: { env: VERSION } }', {})
    expect(parsed.ok && parsed.value.warnings[0]).toMatchObject({
      severity: 'warning',
      message: "the environment variable VERSION is not set: the Dockerfile's own default of V holds",
      range: { line: 3 },
    })
  })
})
