import { expect, test } from 'vitest'
import type { LinkedImage } from '../manifest/linked-image.js'
import { roleOf } from './role-of.js'

const image = (container: string, service?: string, init = false): LinkedImage => ({
  path: ['spec'],
  container,
  init,
  image: container,
  ...(service === undefined ? {} : { service }),
})
const built = {
  images: [image('migrate', 'tour', true), image('proxy'), image('app', 'tour'), image('worker', 'tour')],
  main: 'app',
}
const foreign = {
  images: [image('setup', undefined, true), image('exporter'), image('redis')],
  main: 'redis',
}

test.each<readonly [string, string, { init?: boolean; sidecar?: boolean }, typeof built, string]>([
  ['runs a service', 'app', {}, built, 'app'],
  ['runs it, too', 'worker', {}, built, 'app'],
  ['stands before it in the manifest', 'proxy', {}, built, 'sidecar'],
  ['was injected', 'istio-proxy', {}, built, 'sidecar'],
  ['is an init container that a service builds', 'migrate', { init: true }, built, 'init'],
  ['is an injected init container', 'istio-init', { init: true }, built, 'init'],
  ['is an init container that stays', 'mesh', { init: true, sidecar: true }, built, 'sidecar'],
  ['is what a workload of others is for', 'redis', {}, foreign, 'app'],
  ['runs beside that', 'exporter', {}, foreign, 'sidecar'],
])('a container that %s', (_name, name, { init = false, sidecar = false }, workload, role) => {
  expect(roleOf({ name, init, sidecar }, workload)).toBe(role)
})
