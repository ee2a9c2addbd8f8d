import { describe, expect, it } from 'vitest'
import { pairImages } from '../config/init/pair-images.js'
import type { FoundDockerfile, FoundImage, ProjectFacts } from '../config/init/project-facts.js'
import { decideInit, guess } from './decide-init.js'

const dockerfile = (folder: string): FoundDockerfile => ({
  path: `${folder}/Dockerfile`,
  context: folder,
  names: [folder.split('/').at(-1) ?? ''],
  image: undefined,
  target: undefined,
  buildArgs: {},
  bases: [],
  secrets: [],
})
const image = (name: string): FoundImage => ({ image: name, file: `k8s/${name.replace('/', '-')}.yaml` })

const NOTHING: ProjectFacts = {
  folder: 'shop',
  dockerfiles: [],
  images: [],
  variables: [],
  manifests: [],
  kustomizations: [],
  kustomized: [],
  charts: [],
}

/** Decides with answers given in order, and keeps what was asked. */
async function decide(
  found: {
    readonly folders?: readonly string[]
    readonly images?: readonly string[]
    readonly kustomizations?: readonly string[]
  },
  answers: readonly (number | undefined | 'left')[] | 'guess' = [],
) {
  const { folders = [], images = [], kustomizations = [] } = found
  const facts: ProjectFacts = {
    ...NOTHING,
    dockerfiles: folders.map(dockerfile),
    images: images.map(image),
    kustomizations,
    kustomized: kustomizations,
  }
  const asked: string[] = []
  const left = answers === 'guess' ? [] : [...answers]
  const decisions = await decideInit(
    facts,
    pairImages(facts.dockerfiles, facts.images),
    answers === 'guess'
      ? guess
      : async (question, options) => {
          asked.push(`${question} ${options.join(', ')}`)
          return left.shift()
        },
  )
  return {
    asked,
    decisions,
    pairs: decisions?.pairs.map(pair => [pair.dockerfile.path, pair.image.image]),
    alone: decisions?.alone.map(one => [one.dockerfile.path, one.why]),
    foreign: decisions?.foreign.map(one => one.image),
  }
}

describe('which Dockerfile builds which image', () => {
  it('is not asked where only one may be meant', async () => {
    const { asked, pairs, alone } = await decide({ folders: ['auth'], images: ['me/auth'] })
    expect({ asked, pairs, alone }).toEqual({ asked: [], pairs: [['auth/Dockerfile', 'me/auth']], alone: [] })
  })

  it('is asked where several may be, and the others are built by nobody here', async () => {
    const { asked, pairs, foreign } = await decide({ folders: ['web'], images: ['a/web', 'b/web'] }, [1])
    expect(asked).toEqual([
      'Which image does web/Dockerfile build? a/web (k8s/a-web.yaml), b/web (k8s/b-web.yaml)',
    ])
    expect({ pairs, foreign }).toEqual({ pairs: [['web/Dockerfile', 'b/web']], foreign: ['a/web'] })
  })

  it('may be none of them', async () => {
    const { pairs, alone } = await decide({ folders: ['web'], images: ['a/web', 'b/web'] }, [undefined])
    expect(pairs).toEqual([])
    expect(alone).toEqual([['web/Dockerfile', 'you chose none of the images. If it is built:']])
  })

  it('is the first where it is guessed', async () => {
    const { pairs } = await decide({ folders: ['web'], images: ['a/web', 'b/web'] }, 'guess')
    expect(pairs).toEqual([['web/Dockerfile', 'a/web']])
  })

  it('is one Dockerfile for each image, and the second of two alike is told of', async () => {
    const { asked, pairs, alone } = await decide({ folders: ['x/web', 'y/web'], images: ['web'] })
    expect({ asked, pairs }).toEqual({ asked: [], pairs: [['x/web/Dockerfile', 'web']] })
    expect(alone).toEqual([
      ['y/web/Dockerfile', expect.stringContaining('web is built from x/web/Dockerfile')],
    ])
  })

  it('is the one that others are built upon, where no manifest has it', async () => {
    const facts: ProjectFacts = {
      ...NOTHING,
      dockerfiles: [
        dockerfile('base'),
        { ...dockerfile('web'), bases: [{ arg: 'BASE', image: 'acme/base:dev' }] },
      ],
      images: [image('web')],
    }
    const decisions = await decideInit(facts, pairImages(facts.dockerfiles, facts.images), guess)
    expect(decisions?.pairs.map(pair => [pair.dockerfile.path, pair.image])).toEqual([
      ['base/Dockerfile', { image: 'acme/base:dev', file: 'web/Dockerfile' }],
      ['web/Dockerfile', image('web')],
    ])
    expect(decisions?.alone).toEqual([])
  })

  it('is left open for a Dockerfile like no image', async () => {
    const { alone } = await decide({ folders: ['cron'], images: ['web'] })
    expect(alone).toEqual([['cron/Dockerfile', expect.stringContaining('called like cron')]])
  })

  it('is nothing when whoever is asked leaves', async () => {
    const { decisions } = await decide({ folders: ['web'], images: ['a/web', 'b/web'] }, ['left'])
    expect(decisions).toBeUndefined()
  })
})

describe('an image that a kustomization renames', () => {
  const renamed: FoundImage = { image: 'egov-web', file: 'k8s/a.yaml', becomes: ['acme/web'] }
  it.each([
    ['is built with the image that it becomes', ['web'], []],
    ['is built by nobody here where that one is not', [], ['acme/web', 'egov-web']],
  ])('%s', async (_, folders, foreign) => {
    const images = [image('acme/web'), renamed]
    const dockerfiles = folders.map(dockerfile)
    const decisions = await decideInit(
      { ...NOTHING, dockerfiles, images },
      pairImages(dockerfiles, images),
      guess,
    )
    expect(decisions?.foreign.map(one => one.image)).toEqual(foreign)
  })
})

describe('which kustomization is for developing', () => {
  const overlays = ['overlays/prod', 'overlays/dev']
  it('is asked of environments beside each other, developing first', async () => {
    const { asked, decisions } = await decide({ kustomizations: overlays }, [0])
    expect(asked).toEqual(['Which kustomization is for developing? overlays/dev, overlays/prod'])
    expect(decisions?.kustomizations).toEqual(['overlays/dev'])
  })

  it('is guessed as the one for developing', async () => {
    const { decisions } = await decide({ kustomizations: overlays }, 'guess')
    expect(decisions?.kustomizations).toEqual(['overlays/dev'])
  })

  it('may be none', async () => {
    expect((await decide({ kustomizations: overlays }, [undefined])).decisions?.kustomizations).toEqual([])
  })

  it('is every one of those that are no environments', async () => {
    const { asked, decisions } = await decide({ kustomizations: ['k8s/apps', 'k8s/storage'] })
    expect({ asked, chosen: decisions?.kustomizations }).toEqual({
      asked: [],
      chosen: ['k8s/apps', 'k8s/storage'],
    })
  })

  it('is nothing when whoever is asked leaves', async () => {
    expect((await decide({ kustomizations: overlays }, ['left'])).decisions).toBeUndefined()
  })
})
