import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'

const parse = (text: string) =>
  parseConfig({
    text,
    file: '/shop/dev.config.yaml',
    env: {},
    home: '/home/me',
    cpus: 4,
    defaultManifests: [],
  })

const messages = (text: string): readonly string[] => {
  const parsed = parse(text)
  if (parsed.ok) return []
  return parsed.error.kind === 'config-invalid'
    ? parsed.error.diagnostics.map(({ message, range }) => `${range?.line}: ${message}`)
    : [parsed.error.kind]
}

describe('dependsOn', () => {
  test('takes services, workloads and endpoints in one list', () => {
    const parsed = parse(`services:
  auth: {}
  web:
    dependsOn:
      - auth
      - { http: 'http://config:8888/health', timeout: 3m }
      - sts/mysql
      - { tcp: 'mysql:3306' }
`)
    const web = parsed.ok ? parsed.value.project.services[1] : undefined
    expect(web?.dependsOn).toEqual(['auth', 'statefulset/mysql'])
    expect(web?.checks).toMatchObject([
      { kind: 'http', host: 'config', port: 8888, path: '/health', timeout: 180 },
      { kind: 'tcp', host: 'mysql', port: 3306, timeout: 300 },
    ])
  })

  test.each([
    ['{ http: "config:8888" }', /"config:8888" must be a URL/],
    ['{ tcp: mysql }', /"mysql" must be HOST:PORT/],
    ['{ tcp: "a:1", http: "http://a" }', /exactly one of http and tcp/],
    ['{ timeout: 3m }', /exactly one of http and tcp/],
    ['{ tcp: "a:1", timeout: soon }', /duration/],
  ])('%s is refused at its line', (entry, words) => {
    const found = messages(`services:\n  web:\n    dependsOn:\n      - ${entry}\n`)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(words)
    expect(found[0]).toMatch(/^4: /)
  })
})

test('storage classes are read as they are written', () => {
  const parsed = parse('services: { web: {} }\nstorageClasses: { nfs: standard }\n')
  expect(parsed.ok && parsed.value.project.storageClasses).toEqual({ nfs: 'standard' })
})
