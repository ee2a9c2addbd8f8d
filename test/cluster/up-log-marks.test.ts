import { expect, test } from 'vitest'
import { config, web } from './rig/fixtures.js'
import { kubectl } from './rig/kubectl.js'
import { createProject } from './rig/project.js'

/** Ends with code 4 on the first run of a pod, and then stays and asks for its own health. */
const program = (version: string) => `echo "${version} begins"
echo "GET /healthz"
if [ ! -e /data/run ]; then echo again > /data/run; exit 4; fi
echo "${version} stays"
trap 'exit 0' TERM
while true; do sleep 0.1; done
`

const nightly = `---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: '0 0 1 1 *'
  suspend: true
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{ name: report, image: busybox:1.35, command: [echo, nightly report] }]
`

test('where a run begins is told, ignored lines are marked, and a CronJob’s pods are read', async () => {
  await using project = await createProject({
    'dev.config.yaml': config('  talker: { image: NS/talker }', "logs: { ignore: ['^GET /healthz'] }\n"),
    'talker/Dockerfile': 'FROM busybox:1.35\nCOPY run.sh /run.sh\nCMD ["sh", "/run.sh"]\n',
    'talker/run.sh': program('v1'),
    'k8s/talker.yaml': `${web('talker', {
      pod: 'volumes: [{ name: data, emptyDir: {} }], initContainers: [{ name: prepare, image: busybox:1.35, command: [echo, prepared] }],',
      container: 'volumeMounts: [{ name: data, mountPath: /data }]',
    })}${nightly}`,
  })
  const up = project.start('up', '--json')
  const stays = (version: string) =>
    up.until('log', { where: ({ text }) => text === `${version} stays`, deadline: 40_000 })
  await stays('v1')
  await project.write('talker/run.sh', program('v2'))
  await stays('v2')
  await kubectl(['-n', project.namespace, 'create', 'job', 'now', '--from=cronjob/nightly'])
  const report = await up.until('log', { where: ({ text }) => text === 'nightly report' })
  expect(report).toMatchObject({ container: 'report', role: 'app' })

  const words = [...up.all('log'), ...up.all('log-mark')]
  expect(words.every(({ podUid }) => /^[0-9a-f-]{36}$/.test(podUid))).toBe(true)
  const told = up.told
    .filter(event => event.type === 'log' || event.type === 'log-mark')
    .map(event =>
      event.type === 'log'
        ? `${event.role} ${event.text}${event.ignored === true ? ' (ignored)' : ''}`
        : `── ${event.message.replace(/dev-\w+/, 'dev-X').replace(/talker-\S+/, 'talker-X')}`,
    )
  expect(told).toEqual([
    'init prepared',
    '── image dev-X starts in talker-X',
    'app v1 begins',
    'app GET /healthz (ignored)',
    '── restart 1, exit code 4',
    'app v1 begins',
    'app GET /healthz (ignored)',
    'app v1 stays',
    'init prepared',
    '── save 1: image dev-X starts in talker-X',
    'app v2 begins',
    'app GET /healthz (ignored)',
    '── restart 1, exit code 4',
    'app v2 begins',
    'app GET /healthz (ignored)',
    'app v2 stays',
    'app nightly report',
  ])
})
