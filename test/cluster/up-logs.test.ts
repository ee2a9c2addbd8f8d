import { expect, test } from 'vitest'
import { config, web } from './rig/fixtures.js'
import { createProject } from './rig/project.js'

const LINES = 300

/** Prints numbered lines, ends on the first run of a pod, and then stays. */
const program = (version: string) => `i=0
while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "${version} $(cat /data/run 2>/dev/null || echo first) $i"; done
if [ ! -e /data/run ]; then echo again > /data/run; exit 4; fi
trap 'echo "${version} bye"; exit 0' TERM
while true; do sleep 0.1; done
`

test('every line of every run is told once and in order, across a restart and a rollout', async () => {
  await using project = await createProject({
    'dev.config.yaml': config('  talker: { image: NS/talker }'),
    'talker/Dockerfile': 'FROM busybox:1.35\nCOPY run.sh /run.sh\nCMD ["sh", "/run.sh"]\n',
    'talker/run.sh': program('v1'),
    'k8s/talker.yaml': web('talker', {
      pod: 'volumes: [{ name: data, emptyDir: {} }],',
      container: 'volumeMounts: [{ name: data, mountPath: /data }]',
    }),
  })
  const up = project.start('up', '--json')
  const last = (version: string) =>
    up.until('log', { where: ({ text }) => text === `${version} again ${LINES}`, deadline: 40_000 })
  await last('v1')
  await project.write('talker/run.sh', program('v2'))
  await last('v2')
  await up.until('log', { where: ({ text }) => text === 'v1 bye' })

  const numbers = Array.from({ length: LINES }, (_, index) => index + 1)
  for (const version of ['v1', 'v2']) {
    for (const [turn, restarts] of [
      ['first', 0],
      ['again', 1],
    ] as const) {
      const expected = numbers.map(number => `${version} ${turn} ${number}`)
      const told = up.all('log').filter(({ text }) => text.startsWith(`${version} ${turn} `))
      expect(told.map(({ text }) => text)).toEqual(expected)
      expect(new Set(told.map(line => line.restarts))).toEqual(new Set([restarts]))
    }
  }
  expect(up.all('log-gap')).toEqual([])
})
