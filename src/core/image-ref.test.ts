import { describe, expect, it } from 'vitest'
import {
  formatImageRef,
  matchesService,
  normalizeImageRef,
  parseImageRef,
  pullsByDefault,
  repositoryOf,
  withTag,
} from './image-ref.js'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('normalizeImageRef', () => {
  it.each([
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:7', 'docker.io/library/redis:7'],
    ['pusan/tour', 'docker.io/pusan/tour:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    ['index.docker.io/redis:7', 'docker.io/library/redis:7'],
    ['localhost/tour', 'localhost/tour:latest'],
    ['localhost:5000/tour', 'localhost:5000/tour:latest'],
    ['localhost:5000/a/b/tour:1.0_x', 'localhost:5000/a/b/tour:1.0_x'],
    ['REGISTRY/tour', 'REGISTRY/tour:latest'],
    ['[::1]:5000/tour:1', '[::1]:5000/tour:1'],
    [`redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
    [`ghcr.io/x/y:1@${DIGEST}`, `ghcr.io/x/y:1@${DIGEST}`],
    ['a__b/c--d/e.f_g', 'docker.io/a__b/c--d/e.f_g:latest'],
  ])('%s', (reference, expected) => {
    expect(normalizeImageRef(reference)).toBe(expected)
  })

  it('is undefined where the reference is invalid', () => {
    expect(normalizeImageRef('Tour')).toBeUndefined()
  })
})

describe('parseImageRef', () => {
  it('keeps what was given and adds no tag', () => {
    const parsed = parseImageRef('quay.io/a/b')
    expect(parsed).toEqual({ ok: true, value: { domain: 'quay.io', path: 'a/b' } })
    expect(parsed.ok && formatImageRef(parsed.value)).toBe('quay.io/a/b')
  })

  it.each([
    ['', 'is empty'],
    [':7', 'has no image name'],
    ['Tour', 'must be lower case, but has "Tour"'],
    ['pusan/Tour:1', 'must be lower case, but has "Tour"'],
    ['a//b', 'has an empty part in its name'],
    ['tour/', 'has an empty part in its name'],
    ['tour:', 'has an invalid tag ""'],
    ['tour:-x', 'has an invalid tag "-x"'],
    [`tour:${'x'.repeat(129)}`, `has an invalid tag "${'x'.repeat(129)}"`],
    ['tour@sha256:12', 'has an invalid digest "sha256:12"'],
    ['-bad.host/x', 'has an invalid registry host "-bad.host"'],
    ['tour$NAME', 'must be lower case, but has "tour$NAME"'],
    ['tour name', 'has an invalid part "tour name" in its name'],
    ['a___b', 'has an invalid part "a___b" in its name'],
    ['f'.repeat(64), 'is an image id, not a name'],
    [`x/${'y'.repeat(255)}`, 'has a name of more than 255 characters'],
  ])('%s is refused', (reference, message) => {
    expect(parseImageRef(reference)).toEqual({ ok: false, error: message })
  })
})

describe('matchesService', () => {
  it.each([
    ['tour', 'tour', true],
    ['docker.io/library/tour:1', 'tour', true],
    [`tour@${DIGEST}`, 'tour', true],
    ['pusan/tour', 'tour', false],
    ['localhost:5000/tour', 'tour', false],
    ['tour:v1', 'tour:v1', true],
    ['tour:v2', 'tour:v1', false],
    ['tour', 'tour:v1', false],
    ['tour', 'tour:latest', false],
    [`tour:v1@${DIGEST}`, 'tour:v1', true],
    [`tour@${DIGEST}`, `tour@${DIGEST}`, true],
    ['tour:v1', `tour@${DIGEST}`, false],
    ['tour-api', 'tour', false],
    ['Bad', 'Bad', false],
  ])('%s by service image %s: %s', (reference, serviceImage, expected) => {
    expect(matchesService(reference, serviceImage)).toBe(expected)
  })
})

describe('withTag', () => {
  it.each([
    ['tour', 'tour:new'],
    ['tour:old', 'tour:new'],
    ['localhost:5000/tour', 'localhost:5000/tour:new'],
    ['localhost:5000/tour:old', 'localhost:5000/tour:new'],
    [`tour:old@${DIGEST}`, 'tour:new'],
  ])('%s', (repository, expected) => {
    expect(withTag(repository, 'new')).toBe(expected)
  })
})

describe('pullsByDefault', () => {
  it.each([
    ['mongo', true],
    ['mongo:latest', true],
    ['mongo:7', false],
    ['localhost:5000/mongo', true],
    [`mongo@${DIGEST}`, false],
    [`mongo:latest@${DIGEST}`, true],
  ])('%s: %s', (reference, expected) => {
    expect(pullsByDefault(reference)).toBe(expected)
  })
})

it('repositoryOf leaves tag and digest out', () => {
  expect(repositoryOf(`redis:7@${DIGEST}`)).toBe('docker.io/library/redis')
  expect(repositoryOf('REDIS')).toBeUndefined()
})
