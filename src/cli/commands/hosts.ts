import { exitCodes } from '../../core/exit-code.js'
import type { HostAddress, HostsGateway } from '../../core/hosts/host-address.js'
import { hostsDiff } from '../../core/hosts/hosts-diff.js'
import type { KubeObject } from '../../core/kube-object.js'
import type { Problem } from '../../core/problem.js'
import type { Project } from '../../core/project.js'
import type { Result } from '../../core/result.js'
import { isGatewayWanted } from '../../core/routes/route-sources.js'
import type { StatusReport } from '../../core/status-report.js'
import { type HostsChange, planBlock, planRemoval } from '../../engine/edit-hosts.js'
import { renderProject } from '../../engine/effects/render.js'
import { type GatheredHosts, gatherHosts, type HostsTools } from '../../engine/gather-hosts.js'
import { liveRoutesOf } from '../../engine/live-routes.js'
import { formatReport } from '../../ui/format-hosts.js'
import type { CommandEnd } from '../command-end.js'
import { type Adapters, compose } from '../compose.js'
import { composeHosts } from '../compose-hosts.js'
import { composeProvider } from '../compose-provider.js'
import type { CommandIo } from '../io.js'
import { loadProject, type OpenedProject, openProject } from '../open-project.js'

export interface HostsOptions {
  readonly file?: string
  readonly action: 'print' | 'apply' | 'remove'
  readonly json?: true
  /** Changes the file without asking. */
  readonly yes?: true
}

/** The names that the manifests and the config want: printed with how they resolve now, written to the hosts file, or taken from it. */
export async function hosts(io: CommandIo, options: HostsOptions): Promise<CommandEnd> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project } = loaded.value
  const opened = await openProject(adapters, project)
  if (!opened.ok && options.action !== 'print') return opened.error
  const tools = composeHosts(io, adapters, opened.ok ? opened.value.state.meta : undefined)
  if (options.action === 'remove') return change(io, options, tools, await planRemoval(tools))

  const { result: rendered } = await renderProject(adapters.manifests, {
    project,
    cluster: undefined,
    only: undefined,
    configHashKey: opened.ok ? opened.value.state.configHashKey : '',
    signal: new AbortController().signal,
  })
  if (!rendered.ok) return rendered.error
  const { objects } = rendered.value.linked
  const access = opened.ok ? opened.value.access() : undefined
  try {
    const live = await liveRoutesOf(project, objects, access?.cluster)
    const gathered = await gatherHosts(tools, {
      project,
      objects,
      live,
      address: () => addressOf(io, opened),
      gateway: await gatewayOf(adapters, {
        project,
        objects: [...objects, ...live.map(object => ({ object }))],
        opened,
      }),
      cluster: access?.cluster,
    })
    if (!gathered.ok) return gathered.error
    if (options.action === 'print') return print(io, options, gathered.value)
    return change(io, options, tools, await planBlock(tools, gathered.value.block), gathered.value)
  } finally {
    access?.close()
  }
}

async function addressOf(io: CommandIo, opened: Result<OpenedProject>): Promise<HostAddress> {
  if (!opened.ok) return { kind: 'unknown', reason: wordsOf(opened.error) }
  const { cluster, state } = opened.value
  const { provider } = await composeProvider(cluster, io, state.directory)
  return provider.hostAddress()
}

/** The gateway of the `up` that runs, else what the next one is to have. */
async function gatewayOf(
  { control }: Adapters,
  about: {
    readonly project: Project
    readonly objects: readonly { readonly object: KubeObject }[]
    readonly opened: Result<OpenedProject>
  },
): Promise<HostsGateway | undefined> {
  const { project, objects, opened } = about
  const report = opened.ok
    ? ((await control.ask(opened.value.state.socketPath, { type: 'status' })) as StatusReport | undefined)
    : undefined
  if (report !== undefined)
    return report.gatewayPort === undefined ? undefined : { port: report.gatewayPort, isRunning: true }
  return isGatewayWanted(project.gateway, objects)
    ? { port: project.gateway.port, isRunning: false }
    : undefined
}

const wordsOf = (problem: Problem): string =>
  'message' in problem ? problem.message : 'there is no cluster to ask for it'

function print(io: CommandIo, { json }: HostsOptions, { report }: GatheredHosts): number {
  io.stdout.write(json === true ? `${JSON.stringify(report)}\n` : `${formatReport(report).join('\n')}\n`)
  return exitCodes.ok
}

/** Shows the change, asks, and makes it. Where nobody can be asked, it is made only if `--yes` says so. */
async function change(
  io: CommandIo,
  { json, yes, action }: HostsOptions,
  { file }: HostsTools,
  planned: Result<HostsChange>,
  gathered?: GatheredHosts,
): Promise<CommandEnd> {
  if (!planned.ok) return planned.error
  const { before, after } = planned.value
  const diff = shown(hostsDiff(file.path, before, after))
  const tell = (text: string): void => {
    if (json !== true) io.stdout.write(text)
  }
  const end = (changed: boolean, backup?: string): number => {
    if (json === true)
      io.stdout.write(`${JSON.stringify({ file: file.path, changed, diff, backup, ...report(gathered) })}\n`)
    return exitCodes.ok
  }
  if (before === after) {
    tell(`${file.path} needs no change.\n`)
    if (gathered !== undefined) tell(remarks(gathered))
    return end(false)
  }
  tell(diff)
  if (yes !== true) {
    if (io.confirm === undefined || json === true) {
      if (json === true) end(false)
      return {
        kind: 'usage-invalid',
        message: `nothing was changed: ${file.path} is changed only after a question, and nobody can be asked here`,
        hint: `devloop hosts ${action} --yes`,
      }
    }
    if (!(await io.confirm(`Change ${file.path}?`))) {
      tell('Nothing was changed.\n')
      return end(false)
    }
  }
  const written = await file.write({ before, after })
  if (!written.ok) return written.error
  tell(`${file.path} is changed; as it was: ${written.value}\n`)
  if (gathered !== undefined) tell(remarks(gathered))
  return end(true, written.value)
}

const report = (gathered: GatheredHosts | undefined) =>
  gathered === undefined ? {} : { report: gathered.report }

/** What a hosts file does not settle. */
function remarks({ report: { names, notes = [] } }: GatheredHosts): string {
  const hints = names.flatMap(({ name, hint }) => (hint === undefined ? [] : [`${name}: ${hint}`]))
  return [...hints, ...notes].map(text => `${text}\n`).join('')
}

/** The file is handled as Latin-1, a character for each byte; people read it as UTF-8. */
const shown = (text: string): string => Buffer.from(text, 'latin1').toString('utf8').replaceAll('\r', '')
