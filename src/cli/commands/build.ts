import { exitCodeFor, exitCodes } from '../../core/exit-code.js'
import { startSession } from '../../engine/session.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import { composeHooks } from '../compose-hooks.js'
import { composeProvider } from '../compose-provider.js'
import { createReporter } from '../create-reporter.js'
import type { CommandIo } from '../io.js'
import { loadProject, openProject } from '../open-project.js'

export interface BuildOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly json?: true
  readonly quiet?: true
}

/** Builds what changed, and prints one reference a line. Needs no cluster to be up, and so can run beside an `up`. */
export async function build(io: CommandIo, options: BuildOptions): Promise<CommandEnd> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project } = loaded.value
  const opened = await openProject(adapters, project)
  if (!opened.ok) return opened.error
  const own = (await composeProvider(opened.value.cluster, io, opened.value.state.directory)).adapters
  const images = await opened.value.state.openImages()
  if (!images.ok) return images.error
  const { quiet, json, services } = options
  // References are the output; how they came about goes to the other stream, so that a script can take them.
  const progress = json === true ? io : { ...io, stdout: io.stderr }
  const reporter = createReporter(
    progress,
    { ...(json === true ? { json } : {}), ...(quiet === true ? {} : { verbose: true }) },
    adapters.clock,
  )
  const session = await startSession({
    project,
    mode: { once: true, build: 'yes', deploy: false, only: services.length === 0 ? undefined : services },
    tools: {
      ...own,
      images: images.value,
      configHashKey: opened.value.state.configHashKey,
      hooks: await composeHooks(io, own, {
        context: opened.value.state.meta.context,
        stateFolder: opened.value.state.directory,
      }),
      deploy: undefined,
      watcher: undefined,
      tell: announcement => {
        if (quiet !== true || announcement.type === 'problem') reporter.tell(announcement)
      },
    },
    reloadConfig: () => loadProject(io, options),
  })
  if (!session.ok) return session.error
  let isInterrupted = false
  const off = io.onInterrupt(() => {
    isInterrupted = true
    void session.value.stop()
  })
  const outcome = await session.value.ended
  await session.value.stop()
  off()
  if (isInterrupted) return exitCodes.interrupted
  if (outcome.kind === 'failed') {
    const [first] = outcome.problems
    return first === undefined ? exitCodes.failure : exitCodeFor(first)
  }
  if (json !== true) {
    for (const { image } of Object.values(session.value.getState().services))
      if (image !== undefined) io.stdout.write(`${image.reference}\n`)
  }
  return exitCodes.ok
}
