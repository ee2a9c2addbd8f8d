import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { config } from '../test/cluster/rig/fixtures.js'
import { createProject, type TestProject } from '../test/cluster/rig/project.js'
import { type ApiServer, serveLogs } from './served-logs.js'

const run = promisify(execFile)

/** In how many steps, a tenth of a second each, a pod tells its lines. */
export const STEPS = 100

export interface Flood {
  readonly pods: number
  /** Of each pod. */
  readonly lines: number
}

/** A project whose pods flood the log, and the moment from which they do. */
export interface FloodSource {
  readonly project: TestProject
  /** For `up`, besides the environment of this process. */
  readonly env: NodeJS.ProcessEnv
  /** Resolves when the first line is told; to be called once all pods are up. */
  begin(): Promise<void>
  close(): Promise<void>
}

/** Pods that print by themselves, which costs this machine as much as it does. */
export async function printedFlood({ pods, lines }: Flood): Promise<FloodSource> {
  // Time for the pods to come up before they begin.
  const startAt = Math.ceil((Date.now() + 60_000 + pods * 1500) / 1000)
  const project = await createProject({
    'dev.config.yaml': config('  flood: { image: NS/flood }'),
    'flood/Dockerfile': 'FROM debian:bookworm-slim\nCOPY run.sh /run.sh\nCMD ["sh", "/run.sh"]\n',
    'flood/run.sh': printer(lines),
    'k8s/flood.yaml': manifests({ pods, image: 'NS/flood', start: startAt }),
  })
  return {
    project,
    env: {},
    begin: async () => {
      while (Date.now() < startAt * 1000) await new Promise(resolve => setTimeout(resolve, 20))
    },
    close: async () => {},
  }
}

/** Pods that do nothing; their lines come from a server that stands before the cluster's and costs little. */
export async function servedFlood({ pods, lines }: Flood): Promise<FloodSource> {
  const api = await apiServer('kind-dev')
  const project = await createProject({
    'dev.config.yaml': 'namespace: NS\ncluster: { context: { name: flood, allow: true } }\n',
    // No probe: to run a program in each of them every second is work that would be measured too.
    'k8s/flood.yaml': manifests({ pods, image: 'busybox:1.35', start: 0 }).replace(
      / +readinessProbe.*/,
      '          command: [sleep, "100000"]',
    ),
  })
  const served = await serveLogs(api, project.namespace)
  const kubeconfig = join(project.folder, '../kubeconfig.json')
  const context = { name: 'flood', context: { cluster: 'flood', user: 'flood' } }
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'flood',
      contexts: [context],
      clusters: [{ name: 'flood', cluster: { server: served.server } }],
      users: [{ name: 'flood', user: {} }],
    }),
  )
  const image = 'docker save busybox:1.35 | docker exec -i dev-control-plane ctr -n k8s.io images import -'
  await run('sh', ['-c', image])
  return {
    project,
    env: { KUBECONFIG: kubeconfig },
    begin: async () => {
      while (served.open() < pods) await new Promise(resolve => setTimeout(resolve, 20))
      let step = 0
      const timer = setInterval(() => {
        served.write(() => chunk(step, lines / STEPS))
        step += 1
        if (step === STEPS) clearInterval(timer)
      }, 100)
    },
    close: async () => served[Symbol.asyncDispose](),
  }
}

/** The lines of one step, as the API server sends them with timestamps. */
function chunk(step: number, count: number): string {
  const time = new Date().toISOString().slice(0, -1)
  let text = ''
  for (let line = step * count; line < (step + 1) * count; line++)
    text += `${time}${String(line % 1e6).padStart(6, '0')}Z flood ${line} of this pod: ${WORDS}\n`
  return text
}

const WORDS = 'a line of a length that programs have, more or less, and then some'

/** Waits for the moment in `/start`, in seconds since the epoch, and then prints its lines, a hundredth of them each tenth of a second. */
const printer = (lines: number) => `#!/bin/sh
echo 'the pod is there'
touch /ready
trap 'exit 0' TERM
while [ "$(date +%s)" -lt "$(cat /etc/flood/start)" ]; do sleep 1; done
i=0
while [ $i -lt ${STEPS} ]; do
  seq -f 'flood %.0f of this pod: ${WORDS}' $((i*${lines / STEPS})) $(((i+1)*${lines / STEPS}-1))
  i=$((i+1)); sleep 0.1
done
while true; do sleep 1 & wait $!; done
`

const manifests = ({
  pods,
  image,
  start,
}: {
  readonly pods: number
  readonly image: string
  readonly start: number
}) => `apiVersion: v1
kind: ConfigMap
metadata: { name: flood }
data: { start: '${start}' }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: flood }
spec:
  replicas: ${pods}
  selector: { matchLabels: { app: flood } }
  template:
    metadata: { labels: { app: flood } }
    spec:
      terminationGracePeriodSeconds: 1
      volumes: [{ name: flood, configMap: { name: flood } }]
      containers:
        - name: flood
          image: ${image}
          volumeMounts: [{ name: flood, mountPath: /etc/flood }]
          readinessProbe: { exec: { command: [test, -e, /ready] }, periodSeconds: 1 }
`

async function apiServer(context: string): Promise<ApiServer> {
  const { stdout } = await run('kubectl', [
    'config',
    'view',
    '--raw',
    '--minify',
    '--context',
    context,
    '-o',
    'json',
  ])
  const { clusters, users } = JSON.parse(stdout)
  const decoded = (text: string) => Buffer.from(text, 'base64')
  return {
    server: clusters[0].cluster.server,
    ca: decoded(clusters[0].cluster['certificate-authority-data']),
    cert: decoded(users[0].user['client-certificate-data']),
    key: decoded(users[0].user['client-key-data']),
  }
}
