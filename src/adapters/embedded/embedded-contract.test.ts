import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessContract } from '../../testing/access-contract.js'
import { clusterContract } from '../../testing/cluster-contract.js'
import { nodeImage } from '../../testing/process-image-of.js'
import { systemClock } from '../clock/system-clock.js'
import { createProcessRunner } from '../process/process-runner.js'
import { createEmbeddedAccess } from './embedded-access.js'

const namespace = 'default'
const scripts: Readonly<Record<string, string>> = {
  server: `console.log('first\\nsecond'); require('node:http').createServer((q, r) => r.end('here')).listen(process.env.PORT)`,
  crashing: `console.log('last words'); process.exitCode = 3`,
}

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-embedded-contract-'))
  const access = createEmbeddedAccess({
    context: 'processes',
    uid: 'embedded-contract',
    clock: systemClock,
    runner: createProcessRunner(),
    platform: process.platform,
    env: process.env,
    folder,
    imageOf: reference => {
      const script = scripts[reference]
      return script === undefined ? undefined : nodeImage(script, folder)
    },
    missingProgram: async () => undefined,
    register: async () => {},
  })
  const close = async (): Promise<void> => {
    await access.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { access, cluster: access.cluster, namespace, close }
}

clusterContract('embedded', open)
accessContract('embedded', async () => ({
  ...(await open()),
  programs: { server: { image: 'server' }, crashing: { image: 'crashing', readinessProbe: null, ports: [] } },
}))
