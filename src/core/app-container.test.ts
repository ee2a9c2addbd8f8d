import { describe, expect, it } from 'vitest'
import { container, pod } from '../testing/rollout-fixtures.js'
import { linkedObject, projectOf, rendered, rollout, serviceSpec, session } from '../testing/states.js'
import { appContainerOf } from './app-container.js'
import type { LinkedObject } from './manifest/link.js'
import type { LinkedImage } from './manifest/linked-image.js'
import type { ObservedContainer, ObservedPod } from './rollout-observation.js'

interface Case {
  /** Containers of the manifest in order: `name` or `name=service`; `init:` in front of init containers. */
  readonly manifest: readonly string[]
  /** Containers of the pod in order; `init:` and `sidecar:` are init containers. */
  readonly pod: readonly string[]
  readonly annotation?: string
  /** `container` of services in the config. */
  readonly config?: Readonly<Record<string, string>>
  readonly service?: string
}

function linked(manifest: readonly string[]): LinkedObject {
  const parsed = manifest.map(text => {
    const init = text.startsWith('init:')
    const [name = '', service] = text.replace('init:', '').split('=')
    return { init, name, service }
  })
  const list = (init: boolean) =>
    parsed.filter(one => one.init === init).map(({ name }) => ({ name, image: name }))
  const bare = linkedObject('Deployment', 'a', {
    services: [...new Set(parsed.flatMap(({ service }) => service ?? []))],
  })
  return {
    ...bare,
    object: {
      ...bare.object,
      spec: { template: { spec: { initContainers: list(true), containers: list(false) } } },
    },
    images: parsed.map(
      ({ init, name, service }): LinkedImage => ({
        path: [],
        container: name,
        init,
        image: name,
        ...(service === undefined ? {} : { service }),
      }),
    ),
  }
}

function observed(names: readonly string[], annotation: string | undefined): ObservedPod {
  const containers = names.map((text): ObservedContainer => {
    const [kind, name] = text.includes(':') ? text.split(':') : ['', text]
    return container({ name: name ?? '', init: kind !== '', sidecar: kind === 'sidecar' })
  })
  const own = { kind: 'ReplicaSet', name: 'a-1', uid: 'set of w' }
  return pod('a-1-x', {
    containers,
    owner: own,
    ...(annotation === undefined ? {} : { defaultContainer: annotation }),
  })
}

function answer({ manifest, pod: names, annotation, config = {}, service }: Case): string | undefined {
  const specs = ['a', 'b'].map(name => serviceSpec(name, { container: config[name] }))
  const object = linked(manifest)
  let it = session(projectOf(specs)).start()
  it = it.do(rendered(it.state, object))
  it = it.do({
    type: 'observed',
    observations: rollout(object.key, { ready: true, uid: 'w' }),
  })
  return appContainerOf(it.state, observed(names, annotation), service)
}

describe('the container that a service means', () => {
  it.each<[what: string, of: Case, expected: string | undefined]>([
    ['its only one', { manifest: ['app=a'], pod: ['app'] }, 'app'],
    ['the one with its image, not the first', { manifest: ['proxy', 'app=a'], pod: ['proxy', 'app'] }, 'app'],
    ['not an injected one in front', { manifest: ['app=a'], pod: ['istio', 'app'] }, 'app'],
    [
      'not an injected one, even where it calls itself the default',
      { manifest: ['app=a'], pod: ['istio', 'app'], annotation: 'istio' },
      'app',
    ],
    [
      'not an init container of the same image',
      { manifest: ['init:migrate=a', 'app=a'], pod: ['init:migrate', 'app'] },
      'app',
    ],
    [
      'not a native sidecar',
      { manifest: ['init:mesh', 'app=a'], pod: ['sidecar:mesh', 'app'], annotation: 'mesh' },
      'app',
    ],
    [
      'of two with its image the one of the config',
      { manifest: ['web=a', 'worker=a'], pod: ['web', 'worker'], annotation: 'web', config: { a: 'worker' } },
      'worker',
    ],
    [
      'of two with its image the one of the annotation',
      { manifest: ['web=a', 'worker=a'], pod: ['web', 'worker'], annotation: 'worker' },
      'worker',
    ],
    ['of two with its image the first', { manifest: ['web=a', 'worker=a'], pod: ['web', 'worker'] }, 'web'],
    [
      'of a pod of two services the one of the service that is meant',
      { manifest: ['web=a', 'worker=b'], pod: ['web', 'worker'], service: 'b' },
      'worker',
    ],
    [
      'of a pod that runs nothing of the service, one of ours',
      { manifest: ['proxy', 'web=a'], pod: ['proxy', 'web'], service: 'b' },
      'web',
    ],
    [
      'without an image of ours the annotation',
      { manifest: ['exporter', 'redis'], pod: ['exporter', 'redis'], annotation: 'redis' },
      'redis',
    ],
    [
      'without either the first of the manifest',
      { manifest: ['redis', 'exporter'], pod: ['istio', 'redis', 'exporter'] },
      'redis',
    ],
    [
      'an annotation of nothing is none',
      { manifest: ['redis'], pod: ['redis'], annotation: 'gone' },
      'redis',
    ],
    [
      'none where the pod has only init containers yet',
      { manifest: ['app=a'], pod: ['init:migrate'] },
      undefined,
    ],
  ])('%s', (_what, of, expected) => {
    expect(answer(of)).toBe(expected)
  })

  it('of a pod of others is the annotated one, else the first', () => {
    const { state } = session(projectOf(['a'])).start()
    expect(appContainerOf(state, observed(['init:x', 'one', 'two'], undefined))).toBe('one')
    expect(appContainerOf(state, observed(['one', 'two'], 'two'))).toBe('two')
  })
})
