import { expect, test } from 'vitest'
import { type ContainerCommand, type ImageProgram, SUPERVISOR_MARK, supervised } from './supervise.js'

const image: ImageProgram = {
  entrypoint: ['docker-entrypoint.sh'],
  command: ['node', '$(echo x)'],
  supervisor: { kind: 'sh', path: '/bin/sh' },
}
const none: ContainerCommand = { command: undefined, args: undefined }

test.each<[string, ContainerCommand, Partial<ImageProgram>, readonly string[] | undefined]>([
  [
    'the image says it all; its words are no references',
    none,
    {},
    ['docker-entrypoint.sh', 'node', '$$(echo x)'],
  ],
  ['args take the place of the CMD', { ...none, args: ['$(X)'] }, {}, ['docker-entrypoint.sh', '$(X)']],
  ['a command takes the place of both', { ...none, command: ['run'] }, {}, ['run']],
  ['command and args', { command: ['run'], args: ['fast'] }, {}, ['run', 'fast']],
  ['empty lists are none', { command: [], args: [] }, {}, ['docker-entrypoint.sh', 'node', '$$(echo x)']],
  ['nothing to run', none, { entrypoint: [], command: [] }, undefined],
  ['nothing to supervise with', none, { supervisor: undefined }, undefined],
])('%s', (_name, container, over, words) => {
  expect(supervised(container, { ...image, ...over })?.args).toEqual(words)
})

test.each(['sh', 'node'] as const)(
  'a supervisor for %s carries its mark and nothing that the kubelet replaces',
  kind => {
    const made = supervised(none, { ...image, supervisor: { kind, path: `/bin/${kind}` } })
    expect(made?.command[0]).toBe(`/bin/${kind}`)
    expect(made?.command.join('\n')).toContain(SUPERVISOR_MARK)
    expect(made?.command.join('\n')).not.toMatch(/\$\$|\$\([A-Za-z_]/)
  },
)
