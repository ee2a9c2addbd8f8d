import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createEmbeddedAccess } from '../adapters/embedded/embedded-access.js'
import { createProcessProvider } from '../adapters/embedded/process-provider.js'
import { createProcessImages } from '../adapters/process-images/process-images.js'
import { withRememberedImages } from '../adapters/process-images/remembered-images.js'
import { ok } from '../core/result.js'
import type { SelectedCluster } from '../core/select-cluster.js'
import type { ImageBuilder } from '../ports/image-builder.js'
import type { Adapters } from './compose.js'
import type { ComposedProvider, ProviderOwner } from './composed-provider.js'
import type { CommandIo } from './io.js'

/** A cluster that is this process: images are read and not built, and pods are processes. Without an owner it has no object and starts nothing. */
export function composeProcesses(
  { context, images }: Extract<SelectedCluster, { kind: 'process' }>,
  {
    io,
    adapters,
    stateFolder,
    owner,
  }: {
    readonly io: CommandIo
    readonly adapters: Adapters
    readonly stateFolder: string
    readonly owner: ProviderOwner | undefined
  },
): ComposedProvider {
  const built = createProcessImages({ root: owner?.root ?? io.cwd, images })
  const access = createEmbeddedAccess({
    context,
    uid: createHash('sha256').update(stateFolder).digest('hex').slice(0, 32),
    clock: adapters.clock,
    runner: adapters.runner,
    platform: io.platform,
    env: io.env,
    folder: join(stateFolder, 'processes'),
    imageOf: built.imageOf,
    missingProgram: built.missingProgram,
    register: (pid, mark) => owner?.registerChild(pid, mark) ?? Promise.resolve(ok(undefined)),
  })
  return {
    provider: createProcessProvider({ contextName: context }),
    adapters: { ...adapters, builder: built.builder, imageStore: built.store, access: () => access },
    exec: access.exec,
  }
}

/** The builder of a command that compares with what the `up` that runs has. */
export function comparingBuilder(
  cluster: Pick<SelectedCluster, 'kind'>,
  { builder }: Pick<Adapters, 'builder'>,
): ImageBuilder {
  return cluster.kind === 'process' ? withRememberedImages(builder) : builder
}
