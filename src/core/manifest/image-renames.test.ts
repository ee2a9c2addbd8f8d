import { describe, expect, it, test } from 'vitest'
import { formerImages, type ImageRename, renameImage } from './image-renames.js'

describe('renameImage', () => {
  it.each<[string, ImageRename, string | undefined]>([
    ['web', { name: 'web', newTag: 'v2' }, 'web:v2'],
    ['web:v1', { name: 'web', newTag: 'v2' }, 'web:v2'],
    ['web:v1', { name: 'web', newName: 'shop/web' }, 'shop/web:v1'],
    ['web:v1@sha256:0a', { name: 'web', newName: 'shop/web' }, 'shop/web:v1@sha256:0a'],
    ['web:v1', { name: 'web', digest: 'sha256:0b' }, 'web@sha256:0b'],
    ['web@sha256:0a', { name: 'web', newTag: 'v2' }, 'web:v2'],
    ['localhost:5000/web:v1', { name: 'localhost:5000/web', newName: 'web' }, 'web:v1'],
    ['localhost:5000/web', { name: 'localhost:5000/web', newTag: 'v2' }, 'localhost:5000/web:v2'],
    ['shop/web', { name: 'web', newTag: 'v2' }, undefined],
    ['webs', { name: 'web', newTag: 'v2' }, undefined],
    ['web:v1', { name: 'web:v1', newTag: 'v2' }, undefined],
  ])('%s by %o is %s', (image, rename, expected) => {
    expect(renameImage(image, rename)).toBe(expected)
  })
})

test('names are followed through nested kustomizations, and circles end', () => {
  const renames = [
    { name: 'a', newName: 'b' },
    { name: 'b', newName: 'c', newTag: 'v2' },
    { name: 'x', newName: 'y' },
    { name: 'y', newName: 'x' },
  ]
  expect(Object.fromEntries(formerImages(['a:v1', 'd', 'x', 'b:v1'], renames))).toEqual({
    'b:v1': ['a:v1'],
    'c:v2': ['a:v1', 'b:v1'],
    y: ['x'],
  })
})
