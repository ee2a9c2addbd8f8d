import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'

const parse = (rule: string) =>
  parseConfig({
    text: `services:\n  tour:\n    sync:\n      - ${rule}\n`,
    file: '/shop/dev.config.yaml',
    env: {},
    home: '/home/ann',
    cpus: 2,
    defaultManifests: [],
  })

describe('sync', () => {
  test.each([
    ["{ match: 'src/**', strip: src, to: /app/src, then: restart }", 'src/**', 'src', '/app/src/', 'restart'],
    ["{ match: './*.js', to: /app/, then: { run: npm run migrate } }", '*.js', '', '/app/', 'run'],
    ["{ match: '**', strip: ./a//b/, to: / }", '**', 'a/b', '/', 'nothing'],
  ])('%s', (rule, match, strip, to, after) => {
    const result = parse(rule)
    expect(result).toMatchObject({
      ok: true,
      value: { project: { services: [{ sync: [{ match, strip, to, after: { kind: after } }] }] } },
    })
  })

  test.each([
    ["{ match: 'src/**' }", '"to" is missing'],
    [
      "{ match: 'src/**', to: app }",
      '"to" must be an absolute path of a folder in the container, as in /app/src',
    ],
    ["{ match: '../other/**', to: /app }", '"../other/**" is not inside the build context'],
    ["{ match: 'src/**', strip: /src, to: /app }", '"/src" is not inside the build context'],
    [
      "{ match: 'src/**', to: /app/../proc/1 }",
      '"/app/../proc/1" belongs to the kernel; files cannot go there',
    ],
    ["{ match: '!src/**', to: /app }", '"!src/**" would match nearly everything'],
  ])('refuses %s', (rule, message) => {
    expect(parse(rule)).toMatchObject({
      ok: false,
      error: { diagnostics: [expect.objectContaining({ message })] },
    })
  })
})
