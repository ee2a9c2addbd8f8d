import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createKindProvider, type KindLoaderNeeds } from '../../../src/adapters/kind/kind-provider.js'
import { createProcessRunner } from '../../../src/adapters/process/process-runner.js'
import type { ProcessRunner } from '../../../src/ports/process-runner.js'
import { createFakeImageLoader } from '../../../src/testing/fake-image-loader.js'
import { run } from './kubectl.js'

/**
 * The way of loading that kind itself has, into the cluster of the tests. The images may be another engine's than the one whose containers the
 * nodes are: `socket` is where the first is asked for them. `folder` outlives the loads.
 */
export function kindLoad(folder: string, socket: string): KindLoaderNeeds['providerLoad'] {
  const runner = createProcessRunner()
  let path: Promise<string> | undefined
  const elsewhere: ProcessRunner = {
    run: async (argv, options = {}) => {
      path ??= splitDocker(folder, socket)
      return runner.run(argv, { ...options, env: { ...options.env, PATH: await path } })
    },
  }
  let needs: KindLoaderNeeds | undefined
  createKindProvider({
    name: 'dev',
    image: undefined,
    config: undefined,
    docker: () => Promise.reject(new Error('kind load asks the docker program')),
    runner: elsewhere,
    createLoader: given => {
      needs = given
      return createFakeImageLoader()
    },
  }).loader()
  if (needs === undefined) throw new Error('no loader was made')
  return needs.providerLoad
}

/** A PATH on which `docker` has its images from the engine at a socket, and its containers where it always has them. */
async function splitDocker(parent: string, socket: string): Promise<string> {
  const folder = await mkdtemp(join(parent, 'bin-'))
  const docker = (await run('sh', ['-c', 'command -v docker'])).stdout.trim()
  const script = `#!/bin/sh
case "$1" in image | save) set -- -H unix://${socket} "$@" ;; esac
exec ${docker} "$@"
`
  await writeFile(join(folder, 'docker'), script)
  await chmod(join(folder, 'docker'), 0o755)
  return `${folder}${delimiter}${process.env.PATH ?? ''}`
}
