import { expect, test } from 'vitest'
import { copyCommand, hostsNotes, hostsPath } from './hosts-place.js'

test.each([
  ['linux', {}, '/etc/hosts'],
  ['darwin', {}, '/etc/hosts'],
  ['win32', { SystemRoot: 'D:\\Win' }, 'D:\\Win\\System32\\drivers\\etc\\hosts'],
  ['win32', {}, 'C:\\Windows\\System32\\drivers\\etc\\hosts'],
  ['win32', { DEVLOOP_HOSTS_FILE: 'C:\\t\\hosts', SystemRoot: 'D:\\Win' }, 'C:\\t\\hosts'],
] as const)('%s with %j: %s', (platform, env, path) => {
  expect(hostsPath({ platform, env })).toBe(path)
})

test.each([
  ['linux', '5.15.153.1-microsoft-standard-WSL2', {}, true],
  ['linux', '6.1.0', { WSL_DISTRO_NAME: 'Ubuntu' }, true],
  ['linux', '6.1.0-18-amd64', {}, false],
  ['darwin', '23.1.0', {}, false],
] as const)('%s %s %j tells of the hosts file of Windows: %s', (platform, release, env, tells) => {
  expect(hostsNotes({ platform, release, env }).join().includes('C:\\Windows\\System32')).toBe(tells)
})

test('a path with a space or a quote stays one word', () => {
  expect(copyCommand("/a b/it's", '/etc/hosts', 'linux')).toBe(`sudo cp '/a b/it'\\''s' /etc/hosts`)
  expect(copyCommand("C:\\it's", 'C:\\hosts', 'win32')).toBe(`Copy-Item 'C:\\it''s' 'C:\\hosts'`)
})
