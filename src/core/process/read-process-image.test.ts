// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfiles
import { describe, expect, it } from 'vitest'
import type { ContextFile } from '../build-input.js'
import { hostPathOf, type ProcessImage } from './process-image.js'
import { type ProcessImageInputs, readProcessImage } from './read-process-image.js'

const file = (path: string): ContextFile => ({ path, type: 'file', mode: 0o644, size: 1, sha256: '0' })
const files = ['package.json', 'package-lock.json', 'src/main.js', 'config/dev.yaml', 'run.sh'].map(file)

function read(dockerfile: string, options: Partial<ProcessImageInputs> = {}) {
  const result = readProcessImage({ dockerfile, context: '/ctx', files, buildArgs: {}, ...options })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

describe('what a Dockerfile runs', () => {
  it.each<[text: string, program: readonly string[]]>([
    ['FROM a\nCMD ["node", "src/main.js"]', ['node', 'src/main.js']],
    ['FROM a\nCMD node src/main.js --x="a b"', ['/bin/sh', '-c', 'node src/main.js --x="a b"']],
    ['FROM a\nCMD node \\\n  # why\n  src/main.js', ['/bin/sh', '-c', 'node   src/main.js']],
    ['FROM a\nSHELL ["/bin/bash", "-ec"]\nCMD x', ['/bin/bash', '-ec', 'x']],
    ['FROM a\nENTRYPOINT ["java", "-jar"]\nCMD ["/app.jar"]', ['java', '-jar', '/app.jar']],
    ['FROM a\nCMD ["x"]\nENTRYPOINT ["java", "-jar", "/app.jar"]', ['java', '-jar', '/app.jar', 'x']],
    // An entrypoint leaves no command of the base.
    ['FROM node:20\nENTRYPOINT ["/run.sh"]', ['/run.sh']],
    ['FROM a AS b\nCMD ["x"]\nFROM b\nENTRYPOINT ["y"]', ['y']],
    ['FROM a AS b\nCMD ["x"]\nFROM b', ['x']],
    ['FROM a\nCMD ["x"]\nCMD ["y"]', ['y']],
    ['FROM node:20', ['node']],
    ['FROM docker.io/library/node:20-slim\nCMD ["src/main.js"]', ['node', 'src/main.js']],
    ['FROM node:20\nCMD ["--inspect", "src/main.js"]', ['node', '--inspect', 'src/main.js']],
    ['FROM node:20\nCMD ["npm", "start"]', ['npm', 'start']],
    ['FROM gcr.io/distroless/nodejs20-debian12\nCMD ["main.js"]', ['node', 'main.js']],
    ['FROM gcr.io/distroless/java21-debian12\nCMD ["/app.jar"]', ['java', '-jar', '/app.jar']],
    ['FROM python:3.12', ['python3']],
    ['FROM my/node:20', []],
    ['FROM nginx:1.27', []],
    ['ARG BASE=node\nARG TAG=20\nFROM ${BASE}:${TAG}', ['node']],
    ['FROM a\nENTRYPOINT []\nCMD ["x"]', ['x']],
    ['FROM a\nCMD ["x"]\n', ['x']],
  ])('%j: %j', (text, program) => {
    const { image } = read(text)
    expect([...image.entrypoint, ...image.command]).toEqual(program)
  })

  it('is that of the target', () => {
    const text = 'FROM a AS dev\nCMD ["dev"]\nFROM a\nCMD ["prod"]'
    expect(read(text, { target: 'dev' }).image.command).toEqual(['dev'])
    expect(readProcessImage({ dockerfile: text, target: 'x', context: '/', files, buildArgs: {} })).toEqual({
      ok: false,
      error: { message: 'the Dockerfile has no stage "x"', hint: 'its stages are: dev' },
    })
  })

  it('is that of the service image that it is built upon', () => {
    const base = read('FROM node:20\nENV A=1\nWORKDIR /app\nCOPY src ./src\nEXPOSE 80', { context: '/base' })
    const imageOf = (reference: string): ProcessImage | undefined =>
      reference === 'base:dev-1' ? base.image : undefined
    const { image } = read('ARG BASE\nFROM $BASE\nENV B=$A', { buildArgs: { BASE: 'base:dev-1' }, imageOf })
    expect(image).toMatchObject({ command: ['node'], env: { A: '1', B: '1' }, ports: [80] })
    expect(hostPathOf('/app/src/main.js', image.paths)).toBe('/base/src/main.js')
  })
})

describe('variables, ports and signals of a Dockerfile', () => {
  it.each<[text: string, buildArgs: Record<string, string>, expected: Partial<ProcessImage>]>([
    ['FROM a\nENV A=1 B="x y" C=$A', {}, { env: { A: '1', B: 'x y', C: '' } }],
    ['FROM a\nENV A=1\nENV C=$A-${B:-z}', {}, { env: { A: '1', C: '1-z' } }],
    ['FROM a\nENV A one two', {}, { env: { A: 'one two' } }],
    ['FROM a\nARG V=1\nENV A=$V', { V: '2' }, { env: { A: '2' } }],
    // An ARG is not there when it runs.
    ['FROM a\nARG V=1', {}, { env: {} }],
    ['FROM a\nENV PATH=/app/bin:$PATH', {}, { env: { PATH: '/app/bin:$PATH' } }],
    ['FROM a AS b\nENV A=1\nFROM b\nENV B=2', {}, { env: { A: '1', B: '2' } }],
    ['FROM a AS b\nENV A=1\nFROM a', {}, { env: {} }],
    ['FROM a\nEXPOSE 80 443/tcp 53/udp 7000-7001', {}, { ports: [80, 443, 7000, 7001] }],
    ['FROM a\nARG P=3000\nEXPOSE $P', {}, { ports: [3000] }],
    ['FROM a\nSTOPSIGNAL SIGQUIT', {}, { stopSignal: 'SIGQUIT' }],
    ['FROM a\nSTOPSIGNAL 2', {}, { stopSignal: 'SIGINT' }],
    ['FROM a\nSTOPSIGNAL SIGRTMIN+3', {}, { stopSignal: 'SIGTERM' }],
    ['FROM a', {}, { stopSignal: 'SIGTERM', standIn: false }],
    ['FROM a\nWORKDIR /a\nWORKDIR b\nWORKDIR ../c', {}, { workingDir: '/a/c' }],
    ['FROM a\nENV D=/srv\nWORKDIR $D/app', {}, { workingDir: '/srv/app' }],
  ])('%j', (dockerfile, buildArgs, expected) => {
    expect(read(dockerfile, { buildArgs }).image).toMatchObject(expected)
    if (expected.env !== undefined) expect(read(dockerfile, { buildArgs }).image.env).toEqual(expected.env)
  })
})

describe('where the paths of an image are here', () => {
  const app = 'FROM a\nWORKDIR /app\n'
  it.each<[text: string, paths: Readonly<Record<string, string | undefined>>]>([
    [`${app}COPY . .`, { '/app': '/ctx', '/app/src/main.js': '/ctx/src/main.js', '/etc': undefined }],
    [
      `${app}COPY package.json ./\nCOPY src ./src`,
      { '/app': '/ctx', '/app/src/main.js': '/ctx/src/main.js', '/app/package.json': '/ctx/package.json' },
    ],
    [`${app}COPY src /app`, { '/app': '/ctx/src', '/app/main.js': '/ctx/src/main.js' }],
    [`${app}COPY src/ .`, { '/app/main.js': '/ctx/src/main.js' }],
    [`${app}COPY package*.json ./`, { '/app': '/ctx', '/app/package-lock.json': '/ctx/package-lock.json' }],
    [`${app}COPY src/main.js index.js`, { '/app/index.js': '/ctx/src/main.js' }],
    [`${app}COPY src/main.js /app`, { '/app/main.js': '/ctx/src/main.js', '/app': '/ctx/src' }],
    [`${app}COPY ["src", "/app/lib"]`, { '/app/lib/main.js': '/ctx/src/main.js' }],
    [
      `${app}ADD https://x.y/z.tgz /z\nADD config /c`,
      { '/z': undefined, '/c/dev.yaml': '/ctx/config/dev.yaml' },
    ],
    // The later one lies above.
    [`${app}COPY . .\nCOPY config /app/src`, { '/app/src/dev.yaml': '/ctx/config/dev.yaml' }],
    ['FROM scratch\nCOPY run.sh /\nCMD ["/run.sh"]', { '/run.sh': '/ctx/run.sh', '/bin/sh': undefined }],
    ['FROM a\nCOPY . /', { '/src/main.js': '/ctx/src/main.js', '/usr/bin/node': undefined }],
    [
      'FROM m AS b\nWORKDIR /build\nCOPY . .\nRUN mvn package\nFROM j\nCOPY --from=b /build/target/*.jar /app.jar',
      { '/app.jar': '/ctx/target/*.jar' },
    ],
    [
      `FROM n AS b\nWORKDIR /w\nCOPY package.json .\nRUN npm ci\nCOPY src src\nRUN npm run build\n${app}COPY --from=b /w/dist ./dist\nCOPY --from=0 /w/node_modules ./node_modules`,
      { '/app/dist/main.js': '/ctx/dist/main.js', '/app/node_modules': '/ctx/node_modules', '/app': '/ctx' },
    ],
    [`${app}COPY --from=nginx:1 /etc/nginx /n`, { '/n': undefined }],
    [app, { '/app': '/ctx' }],
    [`${app}COPY <<EOF /x\na\nEOF\nCOPY src /s`, { '/x': undefined, '/s': '/ctx/src' }],
  ])('%j', (text, paths) => {
    const { image } = read(text)
    expect(Object.fromEntries(Object.keys(paths).map(path => [path, hostPathOf(path, image.paths)]))).toEqual(
      paths,
    )
  })

  it('comes with what is not run here', () => {
    const text = `FROM n AS b\nWORKDIR /w\nCOPY package.json .\nRUN npm ci \\\n  --omit=dev\nFROM n AS unused\nRUN x\n${app}COPY --from=b /w .\nRUN y`
    expect(read(text).runs).toEqual([
      { line: 4, text: 'npm ci   --omit=dev', folder: '/ctx' },
      { line: 11, text: 'y', folder: '/ctx' },
    ])
  })
})
