import { expect, it } from 'vitest'
import type { Project } from '../../core/project.js'
import { hookEnv } from './hook-env.js'

const project = { name: 'shop', root: '/shop', namespace: { default: 'dev' } } as Project

it.each([
  ['localhost:5000/acme/web:dev-1', 'localhost:5000/acme/web', 'dev-1'],
  ['localhost:5000/acme/web', 'localhost:5000/acme/web', undefined],
  ['web', 'web', undefined],
])(
  'tells hooks of a service the parts of the image %s under the names of Skaffold',
  (image, repository, tag) => {
    const env = hookEnv(project, 3, { name: 'web', context: '/shop/web', image })
    expect(env).toMatchObject({
      DEVLOOP_IMAGE: image,
      SKAFFOLD_IMAGE: image,
      SKAFFOLD_IMAGE_REPO: repository,
      SKAFFOLD_BUILD_CONTEXT: '/shop/web',
      SKAFFOLD_NAMESPACES: 'dev',
      SKAFFOLD_WORK_DIR: '/shop',
    })
    expect(env.SKAFFOLD_IMAGE_TAG).toBe(tag)
  },
)

it('tells hooks of the project nothing of an image', () => {
  expect(Object.keys(hookEnv(project, 3)).filter(name => name.includes('IMAGE'))).toEqual([])
})
