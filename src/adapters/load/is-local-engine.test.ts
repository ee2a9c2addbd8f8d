import { expect, it } from 'vitest'
import { isLocalEngine } from './is-local-engine.js'

it.each([
  ['unix:///var/run/docker.sock', 'linux', true],
  ['unix:///run/user/1000/docker.sock', 'linux', true],
  ['tcp://127.0.0.1:2375', 'linux', true],
  ['tcp://localhost:2376', 'linux', true],
  ['tcp://[::1]:2375', 'linux', true],
  ['unix:///home/me/.docker/desktop/docker.sock', 'linux', false],
  ['unix:///home/me/.colima/default/docker.sock', 'linux', false],
  ['unix:///home/me/.rd/docker.sock', 'linux', false],
  ['tcp://192.168.49.2:2376', 'linux', false],
  ['tcp://127.0.0.1.example.com:2375', 'linux', false],
  ['ssh://me@localhost', 'linux', false],
  ['ssh://me@build.example.com', 'linux', false],
  ['unix:///var/run/docker.sock', 'darwin', false],
  ['unix:///Users/me/.docker/run/docker.sock', 'darwin', false],
  ['npipe:////./pipe/docker_engine', 'win32', false],
  ['nonsense', 'linux', false],
] as const)('%s on %s: %s', (endpoint, platform, local) => {
  expect(isLocalEngine(endpoint, platform)).toBe(local)
})
