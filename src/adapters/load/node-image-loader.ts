import type Docker from 'dockerode'
import { normalizeImageRef } from '../../core/image-ref.js'
import { chainIds } from '../../core/load/chain-ids.js'
import { chooseMethods, type TransferMethod } from '../../core/load/choose-method.js'
import { missingLayers, nodeHasImage, nodeHasName } from '../../core/load/node-images.js'
import { cancelled, type Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ImageLoader, LoadOptions, LoadReport } from '../../ports/image-loader.js'
import {
  type EngineFacts,
  type EngineImage,
  messageOf,
  readEngineFacts,
  readEngineImage,
} from './engine-image.js'
import { absentImage, engineGone, failure, problemOf, ToolFailure } from './load-problem.js'
import { createNodeImageStore } from './node-image-store.js'
import { NodeImportError } from './node-process.js'
import { createNodeRuntime, type NodeRuntime } from './node-runtime.js'
import { awaitImage, type NodeState, removeBadName, removeOwnBadName } from './node-state.js'
import { RegistryUnreachable, type Transfer, type Transferred } from './push-transfer.js'
import { createRememberedPush } from './remembered-push.js'
import { transferByFilteredSave, transferBySave } from './save-transfer.js'
import { createTurns } from './turns.js'
import { untilAborted } from './until-aborted.js'
import { whileEngineAnswers } from './while-engine-answers.js'

export interface NodeImageLoaderOptions {
  /** The engine that has the images. */
  readonly images: () => Promise<Docker>
  /** The engine whose containers the nodes are; the same one where it is left out. */
  readonly nodeEngine?: () => Promise<Docker>
  /** Names of the node containers that run pods, asked anew for each load. */
  readonly nodes: () => Promise<Result<readonly string[]>>
  /** Folder in which knowledge about earlier pushes is kept. */
  readonly stateFolder: string
  /** Whether the engine runs on this machine, so that its 127.0.0.1 may be ours. */
  readonly localEngine: boolean
  /** The cluster tool's own way, as the last resort. */
  readonly providerLoad?: {
    /** As a person would write it, without the image. */
    readonly command: string
    readonly load: (reference: string, signal: AbortSignal) => Promise<Result<unknown>>
  }
}

interface Opened {
  readonly docker: Docker
  readonly nodeDocker: Docker
  readonly engine: EngineFacts
}

const WORDS: Readonly<Record<Exclude<TransferMethod, 'provider-load'>, string>> = {
  'sparse-push': 'taking the new layers from a push of the engine',
  'filtered-save': 'saving the image and importing the missing layers',
  save: 'saving and importing the whole image',
}

/**
 * Loads images into nodes that are containers with containerd in them (kind, k3d), by `ctr images import` of only those layers that a node
 * has not unpacked yet.
 */
export function createNodeImageLoader(options: NodeImageLoaderOptions): ImageLoader {
  const runtimes = new Map<string, NodeRuntime>()
  const noticed = new Set<string>()
  const turns = createTurns()
  let opened: Promise<Opened> | undefined
  const pushes = createRememberedPush(options.stateFolder)
  const bases = new Set<string>()
  const ending = new AbortController()
  let preparing: Promise<void> = Promise.resolve()
  let pushReachable = options.localEngine

  const open = () => {
    opened ??= connect(options).catch(error => {
      opened = undefined
      throw error
    })
    return opened
  }

  async function findNodes(docker: Docker): Promise<Result<readonly NodeRuntime[]>> {
    const names = await options.nodes()
    if (!names.ok) return names
    return ok(
      names.value.map(name => {
        const runtime = runtimes.get(name) ?? createNodeRuntime(docker, name)
        runtimes.set(name, runtime)
        return runtime
      }),
    )
  }

  async function prepare(base: string | undefined): Promise<void> {
    if (ending.signal.aborted) return
    try {
      const { docker, nodeDocker } = await open()
      const looking = Promise.all([findNodes(nodeDocker), pushReachable ? pushes.open() : undefined])
      const [found] = await untilAborted(looking, ending.signal)
      if (!found.ok) return
      await untilAborted(Promise.all(found.value.map(node => node.prepare())), ending.signal)
      if (base !== undefined && !bases.has(base)) await bringBase(docker, found.value, base)
    } catch {
      // The load that follows meets the same, and says so.
    }
  }

  /** Loads of images upon it wait for what both need, and then bring the rest. */
  async function bringBase(docker: Docker, nodes: readonly NodeRuntime[], base: string): Promise<void> {
    bases.add(base)
    const name = normalizeImageRef(base)
    const image = await readEngineImage(docker, base)
    if (name === undefined || image === undefined) return
    // Undefined: the node has something of that name, so that it need not be hurried.
    const known = nodes.flatMap(node => node.recall(name) ?? [])
    if (missingLayers(known, image.diffIds).length === 0) return
    await load(base, { signal: ending.signal, onProgress: () => undefined, onNotice: nobody })
  }

  function run(method: TransferMethod, connection: Opened, transfer: Transfer): Promise<Transferred> {
    switch (method) {
      case 'sparse-push':
        return turns.run('push', () => pushes.push(connection, transfer))
      case 'filtered-save':
        return turns.run('save', () => transferByFilteredSave(connection.docker, transfer))
      case 'save':
        return turns.run('save', () => transferBySave(connection.docker, connection.engine, transfer))
      case 'provider-load':
        return turns.run('save', async () => {
          const result = await options.providerLoad?.load(transfer.image.reference, transfer.signal)
          if (result?.ok === false) throw new ToolFailure(result.error)
          const configDigest = connection.engine.store === 'classic' ? transfer.image.id : undefined
          const sentLayers = transfer.image.diffIds.length
          return { configDigest, sentBytes: sum(transfer.image.sizes), sentLayers }
        })
    }
  }

  async function load(reference: string, load: LoadOptions): Promise<Result<LoadReport>> {
    const name = normalizeImageRef(reference)
    if (name === undefined) return err(failure(reference, 'none', 'is no valid image reference'))
    const connection = await open()
    const [image, found] = await Promise.all([
      readEngineImage(connection.docker, reference),
      findNodes(connection.nodeDocker),
    ])
    if (image === undefined) return err(absentImage(reference))
    if (!found.ok) return found
    let mayRecall = load.isNew === true
    for (;;) {
      load.signal.throwIfAborted()
      const recalled = mayRecall ? found.value.map(node => node.recall(name)) : []
      // Of one node that has to be asked nothing is gained by not asking the others.
      const isRecalled = recalled.length > 0 && recalled.every(images => images !== undefined)
      const states = await Promise.all(
        found.value.map(async (node, index): Promise<NodeState> => {
          const known = isRecalled ? recalled[index] : undefined
          return known === undefined
            ? { node, images: await node.images([name]), recalled: false }
            : { node, images: known, recalled: true }
        }),
      )
      const config =
        connection.engine.store === 'classic' ? image.id : (await pushes.memory()).configs[image.id]
      const lacking = states.filter(
        ({ images }) => config === undefined || !nodeHasImage(images, name, config),
      )
      const totalLayers = image.diffIds.length
      if (lacking.length === 0)
        return ok({ method: 'present', sentBytes: 0, sentLayers: 0, totalLayers, reference })
      const missing = missingLayers(
        lacking.map(({ images }) => images),
        image.diffIds,
      )
      const claim = turns.claim([name, ...missing.map(index => chainIds(image.diffIds)[index] ?? '')])
      // Another load brings layers of this one: wait, and see what is missing then.
      if (claim instanceof Promise) {
        await Promise.race([claim, aborted(load.signal)])
        continue
      }
      try {
        const work = { connection, image, name, missing, config, before: lacking, load }
        const done = await attempt(work)
        if (done !== 'look again') return done
        mayRecall = false
      } finally {
        claim.release()
      }
    }
  }

  async function attempt(work: {
    readonly connection: Opened
    readonly image: EngineImage
    readonly name: string
    readonly missing: readonly number[]
    /** Undefined where this image of the containerd store has never been loaded. */
    readonly config: string | undefined
    /** The nodes that lack it, and what they have. */
    readonly before: readonly NodeState[]
    readonly load: LoadOptions
  }): Promise<Result<LoadReport> | 'look again'> {
    const { connection, image, name, load } = work
    const nodes = work.before.map(({ node }) => node)
    const totalLayers = image.diffIds.length
    const missingBytes = sum(work.missing.map(index => image.sizes[index] ?? 0))
    const methods = chooseMethods({
      store: connection.engine.store,
      totalBytes: sum(image.sizes),
      missingBytes,
      pushReachable,
      providerLoad: options.providerLoad !== undefined,
    })
    let problem: Problem | undefined
    for (const [index, method] of methods.entries()) {
      const transfer: Transfer = {
        image,
        name,
        nodes,
        missing: work.missing,
        signal: load.signal,
        onSent: sentBytes => load.onProgress({ sentBytes, totalBytes: missingBytes, totalLayers }),
      }
      try {
        load.signal.throwIfAborted()
        const done = await run(method, connection, transfer)
        load.signal.throwIfAborted()
        const config =
          done.shown === true
            ? done.configDigest
            : await awaitImage({ nodes, name, config: done.configDigest, signal: load.signal })
        // Without it, the next load could not tell that the nodes have the image.
        if (config !== undefined && connection.engine.store === 'containerd')
          await pushes.remember({ layers: {}, configs: { [image.id]: config } })
        const { sentBytes, sentLayers } = done
        load.onProgress({ sentBytes, totalBytes: missingBytes, sentLayers, totalLayers })
        return ok({ method, sentBytes, sentLayers, totalLayers, reference: image.reference })
      } catch (error) {
        // A failed import may leave the name on an image that cannot start (containerd 1.6).
        const { config, before } = work
        const manifest = error instanceof NodeImportError ? error.manifest : undefined
        const bad = { name, diffIds: image.diffIds, manifest }
        const wereRight = await Promise.all(
          before.map(state =>
            state.recalled ? removeOwnBadName(state, bad) : removeBadName(state, { ...bad, config }),
          ),
        )
        if (load.signal.aborted) return err(cancelled)
        const gone = await engineGone(connection.docker)
        if (gone !== undefined) return err(gone)
        if (wereRight.includes(false)) return 'look again'
        if (error instanceof RegistryUnreachable) pushReachable = false
        problem = problemOf(image.reference, method, error)
        const next = methods[index + 1]
        if (next !== undefined) notice(load, method, next, messageOf(error))
      }
    }
    return err(problem ?? failure(image.reference, 'none', 'there is no way to load it'))
  }

  function notice(load: LoadOptions, failed: TransferMethod, next: TransferMethod, message: string): void {
    const key = `${failed} ${next}`
    if (noticed.has(key) || load.onNotice === nobody) return
    noticed.add(key)
    load.onNotice(`${words(failed)} failed (${message}); trying another way: ${words(next)}`)
  }

  const words = (method: TransferMethod) =>
    method === 'provider-load' ? (options.providerLoad?.command ?? method) : WORDS[method]

  return {
    nodeImages: createNodeImageStore({
      docker: async () => (await open()).nodeDocker,
      nodes: options.nodes,
    }),
    async load(reference, loadOptions) {
      try {
        return await whileEngineAnswers(loadOptions, {
          ask: async () => engineGone((await open()).docker),
          letGo: () => {
            for (const runtime of runtimes.values()) runtime.close()
          },
          work: options => load(reference, options),
        })
      } catch (error) {
        if (loadOptions.signal.aborted) return err(cancelled)
        return err(problemOf(reference, 'none', error))
      }
    },
    prepare(base) {
      // One at a time, and none that outlives `close`.
      preparing = preparing.then(() => prepare(base))
      return preparing
    },
    async missing(references) {
      try {
        const { nodeDocker } = await open()
        const found = await findNodes(nodeDocker)
        if (!found.ok) return found
        const names = references.flatMap(reference => normalizeImageRef(reference) ?? [])
        if (names.length === 0) return ok(references)
        const states = await Promise.all(found.value.map(node => node.images(names)))
        return ok(
          references.filter(reference => {
            const name = normalizeImageRef(reference)
            return name === undefined || !states.every(state => nodeHasName(state, name))
          }),
        )
      } catch (error) {
        return err(problemOf(references.join(', '), 'none', error))
      }
    },
    async close() {
      ending.abort()
      await preparing
      for (const runtime of runtimes.values()) runtime.close()
      await pushes.close()
    },
  }
}

async function connect(options: NodeImageLoaderOptions): Promise<Opened> {
  const docker = await options.images()
  const nodeDocker = options.nodeEngine === undefined ? docker : await options.nodeEngine()
  return { docker, nodeDocker, engine: await readEngineFacts(docker) }
}

/** What goes wrong with a load that nobody asked for is told by the one that somebody did. */
const nobody = (): void => {}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
