import { exitCodes } from '../../core/exit-code.js'
import { printObjects } from '../../core/manifest/print.js'
import { explainRoute } from '../../core/routes/explain-route.js'
import { backendText, type RouteRequest } from '../../core/routes/route-table.js'
import { toGateway } from '../../core/routes/to-gateway.js'
import { renderProject } from '../../engine/effects/render.js'
import { type GatheredRoutes, gatherRoutes, podsOfService, routeLines } from '../../engine/gather-routes.js'
import type { Cluster } from '../../ports/cluster.js'
import type { HostsFile } from '../../ports/hosts-file.js'
import { formatTable } from '../../ui/format-routes.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import { composeHosts } from '../compose-hosts.js'
import type { CommandIo } from '../io.js'
import { loadProject, openProject } from '../open-project.js'

export interface RoutesOptions {
  readonly file?: string
  readonly url?: string
  readonly method: string
  readonly header: readonly string[]
  readonly toGateway?: true
  readonly json?: true
}

/** Prints the routes of the manifests and what is wrong with them, explains one request, or writes Ingresses as HTTPRoutes. Changes nothing. */
export async function routes(io: CommandIo, options: RoutesOptions): Promise<CommandEnd> {
  const request = options.url === undefined ? undefined : requestOf(options.url, options)
  if (request === null)
    return {
      kind: 'usage-invalid',
      message: `${options.url} is no URL`,
      hint: 'devloop routes http://tour.xyz/api',
    }
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project } = loaded.value
  const opened = await openProject(adapters, project)
  const { result: rendered } = await renderProject(adapters.manifests, {
    project,
    cluster: undefined,
    only: undefined,
    configHashKey: opened.ok ? opened.value.state.configHashKey : '',
    signal: new AbortController().signal,
  })
  if (!rendered.ok) return rendered.error
  const access = opened.ok ? opened.value.access() : undefined
  try {
    // What is written stands for the manifests alone.
    const cluster = options.toGateway === true ? undefined : access?.cluster
    const gathered = await gatherRoutes(project, rendered.value.linked.objects, cluster)
    if (options.toGateway === true) return writeGateway(io, options, gathered)
    if (request !== undefined) return await explain(io, options, { gathered, request, cluster })
    const { file } = composeHosts(io, adapters, opened.ok ? opened.value.state.meta : undefined)
    return await showTable(io, options, { gathered, file })
  } finally {
    access?.close()
  }
}

/** Null for what is no URL. */
function requestOf(url: string, { method, header }: RoutesOptions): RouteRequest | null {
  const text = /^\w+:\/\//.test(url) ? url : `http://${url}`
  const at = /^https?:\/\/([^/?#\s]+)([^#\s]*)/.exec(text)
  if (at === null) return null
  const headers = Object.fromEntries(
    header.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const [, host = '', rest = ''] = at
  return {
    method: method.toUpperCase(),
    host,
    target: rest.startsWith('/') ? rest : `/${rest}`,
    headers,
    random: 0,
  }
}

async function showTable(
  io: CommandIo,
  { json }: RoutesOptions,
  { gathered: { table, findings }, file }: { readonly gathered: GatheredRoutes; readonly file: HostsFile },
): Promise<CommandEnd> {
  const lines = routeLines(table)
  const hosts = [
    ...table.ingress.servers.keys(),
    ...table.gateway.listeners.flatMap(({ candidates }) => candidates.map(({ hostname }) => hostname)),
  ]
  const names = [...new Set(hosts)].filter(
    host => host.includes('.') && !host.startsWith('*') && !host.endsWith('.localhost'),
  )
  const lost: string[] = []
  for (const name of names) if ((await file.resolve(name)).length === 0) lost.push(name)
  const remarks = [
    ...findings.map(({ of, message }) => `${of}: ${message}`),
    ...lost.map(name => `${name} does not resolve on this machine ("devloop hosts" has the line for it)`),
  ]
  if (json === true) {
    const rows = lines.map(([address, kind, backend, rule]) => ({ address, kind, backend, rule }))
    io.stdout.write(`${JSON.stringify({ routes: rows, findings, unresolved: lost })}\n`)
  } else if (lines.length === 0) io.stdout.write('The manifests have no routes and no Services.\n')
  else io.stdout.write(`${[...formatTable(lines), ...remarks.map(text => `! ${text}`)].join('\n')}\n`)
  return exitCodes.ok
}

async function explain(
  io: CommandIo,
  { json }: RoutesOptions,
  asked: {
    readonly gathered: GatheredRoutes
    readonly request: RouteRequest
    readonly cluster: Cluster | undefined
  },
): Promise<CommandEnd> {
  const { gathered, request, cluster } = asked
  const { serves, others } = explainRoute(gathered.table, request)
  const backend = 'backend' in serves ? serves.backend : undefined
  const service = backend === undefined ? undefined : gathered.service(backend)
  const pods = service === undefined ? undefined : await podsOfService(cluster, service)
  if (json === true) {
    io.stdout.write(`${JSON.stringify({ serves, pods, others })}\n`)
    return 'none' in serves ? exitCodes.failure : exitCodes.ok
  }
  const where =
    'rule' in serves
      ? `${serves.rule.object}${serves.rule.place === undefined ? '' : ` in ${serves.rule.place}`}`
      : ''
  const lines: string[] = []
  if ('none' in serves) lines.push(`✗ nothing serves it: ${serves.none}`)
  else if ('status' in serves)
    lines.push(
      `✓ ${serves.rule.host} ${serves.rule.path} of ${where} answers ${serves.status}${serves.message === '' ? '' : ` ${serves.message}`}`,
    )
  else {
    lines.push(`✓ ${serves.rule.host} ${serves.rule.path} of ${where} → ${backendText(serves.backend)}`)
    if (serves.rewritten !== undefined) lines.push(`    the pod sees ${serves.rewritten}`)
    if (service === undefined) lines.push('    there is no such Service')
    else if (pods === undefined) lines.push('    the cluster does not say which pods it has')
    else if (pods.length === 0) lines.push('    no pod is behind it')
    for (const pod of pods ?? []) lines.push(`    ${pod}`)
  }
  lines.push(
    ...formatTable(others.map(({ host, path, rule, why }) => [`· ${host} ${path}`, rule.object, why])),
  )
  io.stdout.write(`${lines.join('\n')}\n`)
  return 'none' in serves ? exitCodes.failure : exitCodes.ok
}

function writeGateway(
  io: CommandIo,
  { json }: RoutesOptions,
  { table, sources }: GatheredRoutes,
): CommandEnd {
  const { objects, unequal } = toGateway(table, sources)
  if (objects.length === 0) {
    io.stderr.write('The manifests have no Ingress that is served.\n')
    return exitCodes.ok
  }
  io.stdout.write(printObjects(objects, json === true ? 'json' : 'yaml'))
  for (const line of unequal) io.stderr.write(`not equal: ${line}\n`)
  return exitCodes.ok
}
