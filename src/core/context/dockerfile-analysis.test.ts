// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfiles
import { describe, expect, it } from 'vitest'
import { type AnalysisOptions, analyseDockerfile, type DockerfileInputs } from './dockerfile-analysis.js'

function analyse(text: string, options: Partial<AnalysisOptions> = {}): DockerfileInputs {
  const result = analyseDockerfile(text, { buildArgs: {}, ...options })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** Which lines see the path. */
const lines = (inputs: DockerfileInputs, path: string): number[] =>
  inputs.sources.filter(source => source.sees(path)).map(source => source.line)

const stages =
  'FROM node:20 AS base\nCOPY base.txt /\nFROM base AS dev\nCOPY dev.txt /\nFROM scratch\nCOPY --from=dev /x /x\nCOPY last.txt /'

describe('what a Dockerfile sees of its context', () => {
  it.each<[text: string, options: Partial<AnalysisOptions>, seen: string[], unseen: string[]]>([
    ['FROM a\nCOPY . .', {}, ['x', 'y/z'], []],
    ['FROM a\ncopy src package.json ./', {}, ['src', 'src/a/b', 'package.json'], ['srcs', 'lib/a']],
    ['FROM a\nCOPY /src/ ../lib /x/', {}, ['src/a', 'lib/b'], ['x']],
    ['FROM a\nCOPY package*.json /x/', {}, ['package-lock.json', 'package.json'], ['a/package.json']],
    ['FROM a\nCOPY */package.json /x/', {}, ['a/package.json'], ['package.json', 'a/b/package.json']],
    ['FROM a\nCOPY s* /x/', {}, ['src/a/b'], ['lib/s']],
    ['FROM a\nCOPY ["a b", "c", "/x/"]', {}, ['a b/c', 'c'], ['a']],
    ['FROM a\nCOPY a \\\n  # why\n  b \\\n\n  /x/', {}, ['a', 'b'], ['x']],
    ['# escape=`\nFROM a\nCOPY a `\n  b c:\\x\\', {}, ['a', 'b'], ['c']],
    ['FROM a\nCOPY <<EOF b /x/\nCOPY hidden /y\nEOF\nCOPY c /z', {}, ['b', 'c'], ['hidden', 'COPY']],
    ['FROM a\nRUN <<EOF\nCOPY hidden /y\nEOF\n', {}, [], ['hidden']],
    ['FROM a\nADD https://x.y/a.tgz git@github.com:a/b.git c /x/', {}, ['c'], ['https:', 'a.tgz']],
    ['FROM a\nRUN --mount=type=bind,source=src,target=/s make', {}, ['src/a'], ['lib']],
    ['FROM a\nRUN --mount=target=. make', {}, ['anything'], []],
    ['FROM a\nRUN --mount=type=cache,target=/c --mount=type=secret,id=x make', {}, [], ['anything']],
    ['FROM a\nRUN --mount=from=b,target=/c make', {}, [], ['anything']],
    ['FROM a\nCOPY --exclude=**/*.md src /x', {}, ['src/a'], ['src/b/a.md']],
    ['FROM a\nCOPY --parents src/**/x.txt /x', {}, ['src/a/b/x.txt'], ['src/a/y.txt']],
    ['FROM a\nCOPY --chown=1:1 --chmod=644 src /x', {}, ['src/a'], ['1']],
    ['FROM a\nARG D=src\nCOPY $D /x', {}, ['src/a'], ['lib/a']],
    ['FROM a\nARG D=src\nCOPY ${D}/in /x', { buildArgs: { D: 'lib' } }, ['lib/in'], ['src/in']],
    ['ARG D=src\nFROM a\nARG D\nCOPY $D /x', {}, ['src/a'], ['lib/a']],
    ['FROM a\nARG D\nCOPY ${D:-dist} /x', {}, ['dist/a'], ['lib/a']],
    ['FROM a\nENV D=src E=$D\nCOPY $D /x', { buildArgs: { D: 'lib' } }, ['src/a'], ['lib/a']],
    ['FROM a AS p\nENV D=src\nFROM p\nCOPY $D /x', {}, ['src/a'], ['lib/a']],
    // The base image may set it: anything may be read.
    ['FROM a\nCOPY $D /x', {}, ['anything'], []],
    ['FROM a\nARG D\nCOPY ${D#x} /x', { buildArgs: { D: 'xsrc' } }, ['anything'], []],
    ['FROM a\nARG D\nCOPY $D /x', { deferredArgs: ['D'] }, ['anything'], []],
    ['FROM a AS p\nONBUILD COPY in /x\nFROM p\nRUN y', {}, ['in'], ['out']],
    ['FROM a\nONBUILD COPY in /x', {}, [], ['in']],
    ['FROM a\nRUN x', { onBuild: ['COPY . /app'] }, ['anything'], []],
    [stages, {}, ['base.txt', 'dev.txt', 'last.txt'], ['x']],
    [stages, { target: 'DEV' }, ['base.txt', 'dev.txt'], ['last.txt']],
    [stages, { target: '0' }, ['base.txt'], ['dev.txt']],
    [
      'FROM a AS x\nCOPY x /\nFROM a AS y\nCOPY y /\nFROM a\nRUN --mount=from=y,target=/y z',
      {},
      ['y'],
      ['x'],
    ],
    ['FROM a\nCOPY x /\nFROM b\nCOPY --from=0 /x /', {}, ['x'], ['y']],
  ])('%j %j', (text, options, seen, unseen) => {
    const inputs = analyse(text, options)
    expect(seen.filter(path => lines(inputs, path).length === 0)).toEqual([])
    expect(unseen.filter(path => lines(inputs, path).length > 0)).toEqual([])
  })

  it('names the line', () => {
    expect(lines(analyse(stages), 'last.txt')).toEqual([7])
  })

  it('knows which folders it need not walk', () => {
    const [source] = analyse('FROM a\nCOPY services/*/src /x').sources
    expect(
      ['services', 'services/a', 'services/a/src/x', 'docs', 'services/a/lib'].map(folder =>
        source?.mayReach(folder),
      ),
    ).toEqual([true, true, true, false, false])
  })
})

describe('base images', () => {
  it.each<[text: string, options: Partial<AnalysisOptions>, images: string[]]>([
    ['FROM scratch', {}, []],
    ['FROM node:20', {}, ['node:20']],
    ['FROM --platform=$BUILDPLATFORM node:20', {}, ['node:20']],
    ['ARG V=20\nFROM node:${V}-slim', {}, ['node:20-slim']],
    ['ARG V=20\nFROM node:$V', { buildArgs: { V: '22' } }, ['node:22']],
    ['ARG V=20\nARG IMAGE=node:$V\nFROM $IMAGE', {}, ['node:20']],
    ['ARG BASE\nFROM ${BASE:-x}', { deferredArgs: ['BASE'] }, []],
    ['FROM base-$TARGETARCH', { platform: 'linux/arm64' }, ['base-arm64']],
    ['FROM a AS x\nFROM b AS unused\nFROM X\nCOPY --from=nginx:1 /a /b', {}, ['a', 'nginx:1']],
    ['from a as x\nfrom x\ncopy --from=x /a /b', {}, ['a']],
  ])('%j %j', (text, options, images) => {
    expect(analyse(text, options).baseImages).toEqual(images)
  })
})

describe('what needs BuildKit', () => {
  it.each<[text: string, features: string[]]>([
    ['FROM a\nRUN x\nCOPY --chown=1 --from=b c d', []],
    ['# syntax=docker/dockerfile:1\nFROM a', []],
    ['# syntax=docker/dockerfile:1-labs\nFROM a', ['# syntax=docker/dockerfile:1-labs']],
    ['FROM a\nRUN --mount=type=cache,target=/x y', ['RUN --mount']],
    ['FROM a\nCOPY --link --chmod=1 a b', ['COPY --link', 'COPY --chmod']],
    ['FROM a\nCOPY <<EOF /x\ny\nEOF', ['a heredoc']],
    ['FROM a\nONBUILD COPY --link a b', ['COPY --link']],
  ])('%j', (text, features) => {
    expect(analyse(text).buildKitFeatures.map(one => one.feature)).toEqual(features)
  })
})

describe('what cannot be built', () => {
  it.each<[text: string, options: Partial<AnalysisOptions>, message: RegExp, line: number | undefined]>([
    ['RUN x', {}, /no FROM/, undefined],
    [stages, { target: 'prod' }, /no stage "prod"/, undefined],
    ['FROM a\nFROM ${NOWHERE}', {}, /names no image/, 2],
    ['ARG X\nFROM $X', {}, /names no image/, 2],
  ])('%j', (text, options, message, line) => {
    const result = analyseDockerfile(text, { buildArgs: {}, ...options })
    expect(result.ok ? undefined : result.error.message).toMatch(message)
    expect(result.ok ? undefined : result.error.line).toBe(line)
  })
})

describe('the image that a Dockerfile builds upon', () => {
  it.each<[text: string, options: Partial<AnalysisOptions>, base: string | undefined]>([
    ['FROM a', {}, 'a'],
    [stages, {}, undefined],
    [stages, { target: 'dev' }, 'node:20'],
    ['FROM go AS build\nFROM slim\nCOPY --from=build /x /x', {}, 'slim'],
    ['ARG V=1\nFROM node:$V', { buildArgs: { V: '22' } }, 'node:22'],
    ['ARG BASE\nFROM $BASE', { deferredArgs: ['BASE'] }, undefined],
  ])('%j with %j: %s', (text, options, base) => {
    expect(analyse(text, options).finalBase).toBe(base)
  })
})
