import { accessContract } from '../../testing/access-contract.js'
import { clusterContract } from '../../testing/cluster-contract.js'
import { openEmbeddedAccess } from '../../testing/open-embedded-access.js'

const namespace = 'default'
const scripts: Readonly<Record<string, string>> = {
  server: `console.log('first\\nsecond'); require('node:http').createServer((q, r) => r.end('here')).listen(process.env.PORT)`,
  crashing: `console.log('last words'); process.exitCode = 3`,
}

async function open() {
  const access = await openEmbeddedAccess({ scripts })
  return { access, cluster: access.cluster, namespace, close: () => access.close() }
}

clusterContract('embedded', open)
accessContract('embedded', async () => ({
  ...(await open()),
  programs: { server: { image: 'server' }, crashing: { image: 'crashing', readinessProbe: null, ports: [] } },
}))
