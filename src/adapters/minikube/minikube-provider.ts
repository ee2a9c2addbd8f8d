import type { HostAddress } from '../../core/hosts/host-address.js'
import { canonicalAddress } from '../../core/hosts/host-name.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ClusterProvider } from '../../ports/cluster-provider.js'
import type { ImageBuilder } from '../../ports/image-builder.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { CommandOutput, ProcessRunner } from '../../ports/process-runner.js'
import { createMinikubeImageLoader } from './minikube-image-loader.js'
import {
  type MinikubeProfile,
  type MinikubeState,
  parseEngineEnv,
  parseProfile,
  parseState,
} from './minikube-profile.js'

export interface MinikubeProviderOptions {
  /** The profile's name, which is its context's too. */
  readonly profile: string
  readonly runner: ProcessRunner
  readonly platform: NodeJS.Platform
  /** The engine that builds: for a profile with the Docker runtime the one that `engineEnv` leads to. */
  readonly images: Pick<ImageBuilder, 'inspect'>
  /** Makes the loader for a profile whose nodes run on the engine that builds. */
  readonly createEngineLoader: () => ImageLoader
}

export interface MinikubeProvider extends ClusterProvider {
  /** Variables (DOCKER_HOST and others) that lead to the nodes' own engine; none where the nodes do not run Docker. */
  engineEnv(): Promise<Result<Readonly<Record<string, string>>>>
}

/** Exit code of minikube for a profile that is not there (its pkg/minikube/reason, ExGuestNotFound). */
const NOT_FOUND = 85

/** A minikube cluster, by the `minikube` program. */
export function createMinikubeProvider(options: MinikubeProviderOptions): MinikubeProvider {
  const { profile, runner } = options
  let loader: ImageLoader | undefined

  async function run(argv: readonly string[], run = {}): Promise<Result<CommandOutput>> {
    const result = await runner.run(['minikube', ...argv], run)
    return result.ok ? result : err(explainMissing(result.error))
  }

  async function state(): Promise<Result<MinikubeState>> {
    const lines: string[] = []
    const onLine = (line: string, stream: 'stdout' | 'stderr') => {
      if (stream === 'stdout') lines.push(line)
    }
    const result = await run(['status', '-o', 'json', '-p', profile], { onLine })
    if (!result.ok && result.error.kind === 'command-failed' && result.error.exitCode === NOT_FOUND)
      return ok('absent')
    const parsed = parseState(lines)
    if (parsed !== undefined) return ok(parsed)
    return result.ok ? err(unreadable('minikube status', lines)) : result
  }

  async function readProfile(): Promise<Result<MinikubeProfile>> {
    // --light leaves out the state of each profile, for which minikube would ask every machine.
    const listed = await run(['profile', 'list', '-o', 'json', '--light'])
    if (!listed.ok) return listed
    try {
      const found = parseProfile(listed.value.stdout, profile)
      return found === undefined ? err(absent(profile)) : ok(found)
    } catch {
      return err(unreadable('minikube profile list', listed.value.stdout.split('\n')))
    }
  }

  /** Ports of this machine that lead to the API server in the profile's container, as `docker port` prints them: `127.0.0.1:32769`. */
  async function publishedPorts({ driver, port }: MinikubeProfile): Promise<readonly string[]> {
    if (driver !== 'docker' && driver !== 'podman') return []
    const printed = await runner.run([driver, 'port', profile, `${port}/tcp`])
    return printed.ok ? printed.value.stdout.split('\n').map(line => line.trim().split(':').at(-1) ?? '') : []
  }

  async function leadsTo(server: string, found: MinikubeProfile): Promise<boolean> {
    if (!URL.canParse(server)) return false
    const { protocol, host, hostname, port } = new URL(server)
    // The ssh and generic drivers make a cluster of any machine, by its address.
    if (protocol !== 'https:' || port === '' || ['ssh', 'generic'].includes(found.driver)) return false
    if (found.addresses.includes(host)) return true
    if (!['localhost', '[::1]'].includes(hostname) && !/^127(\.\d{1,3}){3}$/.test(hostname)) return false
    if (found.driver.startsWith('qemu') && port === String(found.forwardedPort)) return true
    return (await publishedPorts(found)).includes(port)
  }

  /** Docker and Podman on macOS and Windows run in a machine of their own, whose network is out of reach; minikube's tunnel leads into it. */
  async function hostAddress(): Promise<HostAddress> {
    const found = await readProfile()
    if (!found.ok) return { kind: 'unknown', reason: reasonOf(found.error) }
    const { driver, forwardedPort } = found.value
    const isContainer = driver === 'docker' || driver === 'podman'
    if (isContainer && options.platform !== 'linux') {
      const note = `"minikube tunnel -p ${profile}" must run in a terminal of its own for the names to answer`
      return { kind: 'known', address: '127.0.0.1', note }
    }
    if (driver.startsWith('qemu') && forwardedPort > 0) {
      const reason = `the machine of the minikube profile "${profile}" cannot be reached from here: start it with --network=socket_vmnet`
      return { kind: 'unknown', reason }
    }
    const printed = await run(['ip', '-p', profile])
    const address = printed.ok ? canonicalAddress(printed.value.stdout.trim()) : undefined
    if (address !== undefined) return { kind: 'known', address }
    return { kind: 'unknown', reason: `"minikube ip -p ${profile}" tells no address: does the profile run?` }
  }

  async function chooseLoader(): Promise<Result<ImageLoader>> {
    const found = await readProfile()
    if (!found.ok) return found
    return ok(
      found.value.runtime === 'docker' ? options.createEngineLoader() : createMinikubeImageLoader(options),
    )
  }

  return {
    kind: 'minikube',
    contextName: profile,
    async exists() {
      const found = await state()
      return found.ok ? ok(found.value !== 'absent') : found
    },
    async verify(server) {
      const found = await state()
      if (!found.ok) return found
      if (found.value === 'absent') return err(absent(profile))
      if (found.value === 'stopped') {
        const started = await run(['start', '-p', profile, '--wait=apiserver'])
        if (!started.ok) return started
      }
      const read = await readProfile()
      if (!read.ok) return read
      if (await leadsTo(server, read.value)) return ok(undefined)
      return err({
        kind: 'cluster-refused',
        context: profile,
        reason: 'not-what-it-says',
        message: `${profile} leads to ${server}, which is not the API server of the minikube profile "${profile}" on this machine`,
      })
    },
    hostAddress,
    async create({ signal, onOutput }) {
      const result = await run(['start', '-p', profile, '--wait=apiserver'], { signal, onLine: onOutput })
      return result.ok ? ok(undefined) : result
    },
    async delete({ onOutput }) {
      const result = await run(['delete', '-p', profile], { onLine: onOutput })
      return result.ok ? ok(undefined) : result
    },
    async engineEnv() {
      const found = await readProfile()
      if (!found.ok) return found
      if (found.value.runtime !== 'docker') return ok({})
      const printed = await run(['docker-env', '-p', profile, '--shell', 'none'])
      if (!printed.ok) return printed
      const env = parseEngineEnv(printed.value.stdout)
      // The none driver's engine is the host's own, and has no variables of its own.
      if (env.DOCKER_HOST === undefined && found.value.driver !== 'none')
        return err(unreadable('minikube docker-env', printed.value.stdout.split('\n')))
      return ok(env)
    },
    loader() {
      loader ??= chosenLater(chooseLoader)
      return loader
    },
  }
}

/** A loader that is chosen when it is first needed, and again as long as that fails. */
function chosenLater(choose: () => Promise<Result<ImageLoader>>): ImageLoader {
  let choice: Promise<Result<ImageLoader>> | undefined
  const chosen = async () => {
    choice ??= choose()
    const result = await choice
    if (!result.ok) choice = undefined
    return result
  }
  return {
    async load(reference, load) {
      const loader = await chosen()
      return loader.ok ? loader.value.load(reference, load) : loader
    },
    async missing(references) {
      const loader = await chosen()
      return loader.ok ? loader.value.missing(references) : loader
    },
    async close() {
      const loader = await choice
      if (loader?.ok === true) await loader.value.close()
    },
  }
}

const absent = (profile: string): Problem => ({
  kind: 'cluster-missing',
  message: `there is no minikube profile "${profile}"`,
  hint: `minikube start -p ${profile}`,
})

const reasonOf = (problem: Problem): string =>
  'message' in problem ? problem.message : 'the minikube program does not say what the profile is'

const unreadable = (command: string, lines: readonly string[]): Problem => ({
  kind: 'command-failed',
  argv: command.split(' '),
  reason: 'failed',
  output: ['its output cannot be read', ...lines.slice(0, 5)],
})

function explainMissing(problem: Problem): Problem {
  if (problem.kind !== 'command-failed' || problem.reason !== 'not-found') return problem
  return {
    kind: 'cluster-missing',
    message: 'the minikube program is not installed',
    hint: 'install it (https://minikube.sigs.k8s.io/docs/start/), or name another cluster in the config',
  }
}
