import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { createCluster } from '../../src/adapters/kubernetes/client.js'
import { createEndpointProbe } from '../../src/adapters/kubernetes/endpoint-probe.js'
import { createKubeHttp } from '../../src/adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../../src/adapters/kubernetes/kubeconfig.js'
import { createObserver } from '../../src/adapters/kubernetes/observer.js'
import { createPodForward } from '../../src/adapters/kubernetes/pod-forward.js'
import { createPodLogs } from '../../src/adapters/kubernetes/pod-logs.js'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import { accessContract } from '../../src/testing/access-contract.js'
import { clusterContract } from '../../src/testing/cluster-contract.js'
import { kubectl } from './rig/kubectl.js'
import { importOnNode } from './rig/node-images.js'

const SERVER =
  'echo first; echo second; mkdir -p /www && echo here > /www/index.html && exec httpd -f -p 3456 -h /www'

async function open() {
  const namespace = `devloop-contract-${randomBytes(3).toString('hex')}`
  const http = createKubeHttp({
    context: 'kind-dev',
    files: kubeconfigFiles(process.env, homedir()),
    runner: createProcessRunner(),
  })
  await importOnNode('busybox:1.35')
  await kubectl(['create', 'namespace', namespace])
  const cluster = createCluster(http)
  return {
    namespace,
    cluster,
    access: {
      cluster,
      observer: createObserver({ http }),
      logs: createPodLogs({ http }),
      forward: createPodForward({ http }),
      probe: createEndpointProbe({ http }),
      close: () => http.close(),
    },
    close: async () => {
      await kubectl(['delete', 'namespace', namespace, '--wait=false'])
      http.close()
    },
  }
}

const shell = (script: string) => ({ image: 'busybox:1.35', command: ['sh', '-c', script] })

clusterContract('kind', open)
accessContract('kind', async () => ({
  ...(await open()),
  programs: {
    server: shell(SERVER),
    crashing: { ...shell('echo last words; exit 3'), readinessProbe: null, ports: [] },
  },
}))
