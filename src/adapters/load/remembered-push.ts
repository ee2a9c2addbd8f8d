import type Docker from 'dockerode'
import type { EngineFacts } from './engine-image.js'
import { type LoadMemory, readLoadMemory, writeLoadMemory } from './load-memory.js'
import { type Transfer, type Transferred, transferByPush } from './push-transfer.js'
import { openReceivingRegistry, type ReceivingRegistry } from './receiving-registry.js'

/** Pushes of the engine to a registry in this process, and what loads have learned so far, of this session and earlier ones. */
export interface RememberedPush {
  /** Opens the registry, if it is not open. */
  open(): Promise<void>
  push(
    engine: { readonly docker: Docker; readonly engine: EngineFacts },
    transfer: Transfer,
  ): Promise<Transferred>
  memory(): Promise<LoadMemory>
  /** Adds to the memory. Nobody waits until it is on the disk: without it the next run is slower, and no more. */
  remember(learned: Pick<LoadMemory, 'layers' | 'configs'>): Promise<void>
  /** Resolves when the registry is closed and the memory written. */
  close(): Promise<void>
}

/** @param stateFolder where the memory is kept */
export function createRememberedPush(stateFolder: string): RememberedPush {
  let reading: Promise<LoadMemory> | undefined
  let memory: LoadMemory | undefined
  let registry: Promise<ReceivingRegistry> | undefined
  let writing: Promise<void> = Promise.resolve()

  async function recall(): Promise<LoadMemory> {
    // Read once: where there is nothing to read, each reading would give the repository another name.
    reading ??= readLoadMemory(stateFolder)
    const read = await reading
    memory ??= read
    return memory
  }

  function openRegistry(): Promise<ReceivingRegistry> {
    registry ??= (async () => {
      const { port, repository } = await recall()
      const opened = await openReceivingRegistry({ preferredPort: port, repository })
      memory = { ...(await recall()), port: opened.port }
      return opened
    })().catch(error => {
      registry = undefined
      throw error
    })
    return registry
  }

  async function remember({ layers, configs }: Pick<LoadMemory, 'layers' | 'configs'>): Promise<void> {
    const known = await recall()
    const now = {
      ...known,
      layers: { ...known.layers, ...layers },
      configs: { ...known.configs, ...configs },
    }
    memory = now
    writing = writing.then(() => writeLoadMemory(stateFolder, now))
  }

  return {
    memory: recall,
    remember,
    async open() {
      await openRegistry()
    },
    async push({ docker, engine }, transfer) {
      const opened = await openRegistry()
      const done = await transferByPush(
        { docker, engine, registry: opened, memory: await recall() },
        transfer,
      )
      if (done.learned !== undefined) await remember(done.learned)
      return done
    },
    async close() {
      const closing = registry
      registry = undefined
      await Promise.all([closing?.then(opened => opened.close()).catch(() => undefined), writing])
    },
  }
}
