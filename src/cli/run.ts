import { createRequire } from 'node:module'
import { Argument, Command, CommanderError, Option } from 'commander'
import { exitCodeFor, exitCodes } from '../core/exit-code.js'
import type { CommandEnd } from './command-end.js'
import type { LogsOptions } from './commands/logs.js'
import type { RoutesOptions } from './commands/routes.js'
import type { VerifyOptions } from './commands/verify.js'
import type { CommandIo } from './io.js'
import { reportProblem } from './report-problem.js'

/** Runs one command line. Nothing heavier than the parser is loaded before the command is known. */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  let end: CommandEnd = exitCodes.ok
  // What follows `--` is a command of its own, and none of its flags are ours.
  const split = argv.indexOf('--')
  const own = split === -1 ? argv : argv.slice(0, split)
  const command = split === -1 ? [] : argv.slice(split + 1)
  const program = createProgram(io, command, async action => {
    end = await action()
  })
  try {
    await program.parseAsync(own, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
    end = {
      kind: 'bug',
      where: `devloop ${argv[0] ?? ''}`,
      message,
      ...(stack === undefined ? {} : { stack }),
    }
  }
  if (typeof end === 'number') return end
  reportProblem(io, end)
  return exitCodeFor(end)
}

interface DeployFlags {
  readonly wait: boolean
  readonly prune?: true
  readonly pruneAll?: true
  readonly dryRun?: true
  readonly json?: true
}

async function deploy(
  io: CommandIo,
  project: { readonly file?: string; readonly services: readonly string[] },
  { wait, prune, pruneAll, dryRun, json }: DeployFlags,
): Promise<CommandEnd> {
  const pruning = pruneAll === true ? 'all' : prune === true ? 'asked' : undefined
  const options = {
    ...project,
    ...(json === undefined ? {} : { json }),
    ...(pruning === undefined ? {} : { prune: pruning as 'all' | 'asked' }),
  }
  if (dryRun === true) return (await import('./commands/deploy-dry-run.js')).deployDryRun(io, options)
  return (await import('./commands/up.js')).deploy(io, { ...options, wait })
}

type Perform = (action: () => Promise<CommandEnd>) => Promise<void>

/** The parser of the command line; `perform` gets what a command is to do. */
export function createProgram(given: CommandIo, command: readonly string[], perform: Perform): Command {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  let called: string | undefined
  const io: CommandIo = {
    ...given,
    get invocation() {
      return {
        ...(called === undefined ? {} : { command: called }),
        commands: program.commands.map(one => one.name()),
        profiles: program.opts<{ profile: readonly string[] }>().profile,
      }
    },
  }
  const program = new Command('devloop')
    .description(
      'The local development loop for services on Kubernetes: save a file, and it is live on the cluster a moment later.',
    )
    .version(version)
    .option(
      '-f, --file <path>',
      'config file; without it dev.config.yaml here or in the nearest folder above',
    )
    .addOption(
      new Option(
        '-p, --profile <names>',
        'profiles of the config to use, by commas; -NAME leaves out one that is active of itself',
      )
        .argParser((value, before: readonly string[]) => [...before, value])
        .default([], 'those whose activation holds'),
    )
    .exitOverride()
    .hook('preAction', (_, action) => {
      called = action.name()
    })
    .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: text => io.stderr.write(text) })
    .showSuggestionAfterError()
    .showHelpAfterError('(devloop --help shows the commands)')
  const file = (): { readonly file?: string } => {
    const given = program.opts<{ file?: string }>().file
    return given === undefined ? {} : { file: given }
  }

  program
    .command('up')
    .description('build, load, deploy and watch: keeps the cluster equal to the working tree until Ctrl-C')
    .usage('[options] [service...] [-- command...]')
    .argument('[service...]', 'only these services and what they depend on')
    .option('--once', 'bring everything up, wait until it is ready, and exit')
    .option('--cleanup', 'take everything down at the end, as devloop down does')
    .option('--plain', 'lines of text (the default where the output is no terminal)')
    .addOption(new Option('--json', 'one JSON event a line').conflicts('plain'))
    .option('-v, --verbose', 'show build output as it comes')
    .addHelpText(
      'after',
      '\nExamples:\n  devloop up\n  devloop up bookings          only bookings and what it depends on\n  devloop up --once --json     for scripts and CI\n  devloop up --once -- npm test   runs the tests against it, and exits with their code',
    )
    .action(
      (
        services: string[],
        options: { once?: true; cleanup?: true; plain?: true; json?: true; verbose?: true },
      ) =>
        perform(async () =>
          (await import('./commands/up.js')).up(io, { ...file(), ...options, services, command }),
        ),
    )

  program
    .command('down')
    .description('delete what up created and put back what it changed, from its journal; volumes stay')
    .option('--volumes', 'delete volumes too, and the namespaces that hold them')
    .option('--cluster', 'delete the cluster too, if devloop created it')
    .action((options: { volumes?: true; cluster?: true }) =>
      perform(async () => (await import('./commands/down.js')).down(io, { ...file(), ...options })),
    )

  program
    .command('logs')
    .description('the logs of what is deployed, whether or not up runs')
    .argument('[service...]', 'only these services')
    .option('--since <time>', 'no line before this time: 90s, 5m, 2h, 1d, or 2026-01-31T08:00:00Z')
    .option('--previous', "each container's run before the present one")
    .option('--grep <regex>', 'only lines that match')
    .option('--tail <lines>', 'begin with this many of the last lines of each container')
    .addOption(
      new Option('--container <name>', "containers of this name; without it each service's own").conflicts(
        'allContainers',
      ),
    )
    .option('--all-containers', 'sidecars and init containers too')
    .option('--follow', 'go on with the lines that come (the default)')
    .option('--no-follow', 'print what there is, in the order of time, and end')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      '\nExamples:\n  devloop logs bookings tours\n  devloop logs --since 5m --grep "5\\d\\d" --no-follow\n  devloop logs bookings --previous   why it crashed',
    )
    .action((services: string[], options: Omit<LogsOptions, 'services' | 'file'>) =>
      perform(async () => (await import('./commands/logs.js')).logs(io, { ...file(), ...options, services })),
    )

  program
    .command('status')
    .description('what is live: each service, its last save, pods and problems')
    .option('--json', 'as JSON')
    .option('--timings', 'what the last saves took by service and stage, and what would help')
    .action((options: { json?: true; timings?: true }) =>
      perform(async () => (await import('./commands/status.js')).status(io, { ...file(), ...options })),
    )

  program
    .command('wait')
    .description(
      'wait until the files as they are now are what runs; fails with the cause where they cannot come to',
    )
    .argument('[service...]', 'only these services')
    .option('--live', 'what to wait for')
    .option('--timeout <time>', 'how long at most: 90s, 5m, 1h', '5m')
    .option('--json', 'the answer as JSON, with the cause of a failure')
    .addHelpText(
      'after',
      '\nExamples:\n  devloop wait --live && npm test\n  devloop wait --live bookings --timeout 90s --json',
    )
    .action((services: string[], options: { live?: true; timeout: string; json?: true }) =>
      perform(async () => (await import('./commands/wait.js')).wait(io, { ...file(), ...options, services })),
    )

  program
    .command('why')
    .description('which files started the last build of a service, or why the last change did not')
    .argument('<service>')
    .option('--json', 'as JSON')
    .action((service: string, options: { json?: true }) =>
      perform(async () => (await import('./commands/why.js')).why(io, { ...file(), ...options, service })),
    )

  program
    .command('why-not')
    .description('whether a change of a file starts anything, and which rule decides it')
    .argument('<path>')
    .option('--json', 'as JSON')
    .action((path: string, options: { json?: true }) =>
      perform(async () =>
        (await import('./commands/why-not.js')).whyNot(io, { ...file(), ...options, path }),
      ),
    )

  program
    .command('restart')
    .description('replace the pods of services, as their workloads say')
    .argument('<service...>')
    .action((services: string[]) =>
      perform(async () => (await import('./commands/restart.js')).restart(io, { ...file(), services })),
    )

  program
    .command('verify')
    .description('replace the pods of services under a stream of requests, and report every one that failed')
    .argument('[service...]', 'only these services; without any, all that a Service leads to')
    .option('--path <path>', 'what is asked for', '/')
    .option('--rate <number>', 'requests a second, 50 at most', '20')
    .option('--for <time>', 'how long the stream lasts at most', '2m')
    .option('--restart', 'replace the pods as a rollout restart does (the default)')
    .addOption(new Option('--redeploy', 'apply the objects again in place of a restart').conflicts('restart'))
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      '\nExits with 0 only if no request failed.\n\nExamples:\n  devloop verify bookings\n  devloop verify --path /healthz --rate 50 --json   for CI',
    )
    .action((services: string[], options: Omit<VerifyOptions, 'services' | 'file'>) =>
      perform(async () =>
        (await import('./commands/verify.js')).verify(io, { ...file(), ...options, services }),
      ),
    )

  program
    .command('rollback')
    .description('run an earlier image of a service, whatever is saved, until devloop clear')
    .argument('<service>')
    .option(
      '--to <revision>',
      'the image of this revision of devloop history; without it the one before. worker:3 where several workloads run the service',
    )
    .addHelpText('after', '\nExamples:\n  devloop rollback web\n  devloop rollback web --to 3')
    .action((service: string, options: { to?: string }) =>
      perform(async () =>
        (await import('./commands/steer.js')).steer(io, { ...file(), ...options, service, type: 'rollback' }),
      ),
    )

  const steered = [
    ['pause', 'leave a service as it is, whatever is saved, until it is resumed'],
    ['resume', 'bring a paused service up to date with what was saved meanwhile'],
    ['scale-to-zero', 'run no pods of a service, whatever its manifest says, until it is scaled back'],
    ['scale-back', 'run as many pods again as the manifest says'],
  ] as const
  for (const [type, description] of steered)
    program
      .command(type)
      .description(description)
      .argument('<service>')
      .action((service: string) =>
        perform(async () => (await import('./commands/steer.js')).steer(io, { ...file(), service, type })),
      )

  program
    .command('switch')
    .description(
      'lead a Service to the Deployment of another version: up, move the selector, the other side down',
    )
    .argument('<service>', 'a Service of the manifests, or a service whose pods it leads to')
    .argument('<version>', 'the value of the label in which the Deployments differ, or the name of one')
    .action((service: string, version: string) =>
      perform(async () =>
        (await import('./commands/steer.js')).steer(io, { ...file(), service, version, type: 'switch' }),
      ),
    )

  program
    .command('clear')
    .description('take back what was asked of a service: pause, scale to zero, rollback, switch')
    .argument('<service>')
    .action((service: string) =>
      perform(async () =>
        (await import('./commands/steer.js')).steer(io, { ...file(), service, type: 'clear' }),
      ),
    )

  program
    .command('debug')
    .description('attach a debugger to a service, Node or JVM, until Ctrl-C; devloop up must run')
    .argument('<service>')
    .action((service: string) =>
      perform(async () => (await import('./commands/debug.js')).debug(io, { ...file(), service })),
    )

  program
    .command('history')
    .description('what a service ran: revision, save, image, and which is live')
    .argument('<service>')
    .option('--json', 'as JSON')
    .action((service: string, options: { json?: true }) =>
      perform(async () =>
        (await import('./commands/history.js')).history(io, { ...file(), ...options, service }),
      ),
    )

  program
    .command('build')
    .description('build the images whose inputs changed, and print their references')
    .argument('[service...]', 'only these services and what they build upon')
    .option('--json', 'one JSON event a line')
    .option('-q, --quiet', 'no build output')
    .action((services: string[], options: { json?: true; quiet?: true }) =>
      perform(async () =>
        (await import('./commands/build.js')).build(io, { ...file(), ...options, services }),
      ),
    )

  program
    .command('render')
    .description('print the objects that would be applied, with the images that are built')
    .argument('[service...]', 'only the objects of these services and what they depend on')
    .addOption(
      new Option('-o, --output <format>', 'form of the output').choices(['yaml', 'json']).default('yaml'),
    )
    .option('--explain', 'list which files were read and which were left out, and why')
    .action((services: string[], options: { output: 'yaml' | 'json'; explain?: true }) =>
      perform(async () =>
        (await import('./commands/render.js')).render(io, { ...file(), ...options, services }),
      ),
    )

  program
    .command('deploy')
    .description('load and apply the images that are built, wait until they are ready, and exit')
    .argument('[service...]', 'only these services and what they depend on')
    .option('--no-wait', 'exit when everything is applied')
    .option('--prune', 'delete what devloop made and the manifests no longer have')
    .option('--prune-all', 'also namespaces, volume claims and definitions, with what they hold')
    .option('--dry-run', 'change nothing: print the difference to the cluster')
    .option('--json', 'one JSON event a line; with --dry-run one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  devloop build && devloop deploy\n  devloop deploy --dry-run     exit code 13 where something would change\n  devloop deploy --prune',
    )
    .action((services: string[], options: DeployFlags) =>
      perform(async () => deploy(io, { ...file(), services }, options)),
    )

  program
    .command('hosts')
    .description(
      'the names that browsers here should find: how each resolves, and the lines for the hosts file',
    )
    .addArgument(
      new Argument('[action]', "print them, apply devloop's block of lines, or remove it")
        .choices(['print', 'apply', 'remove'])
        .default('print'),
    )
    .option('--json', 'as JSON')
    .option('-y, --yes', 'change the hosts file without asking')
    .addHelpText('after', '\nDEVLOOP_HOSTS_FILE names another file than the hosts file of this system.')
    .action((action: 'print' | 'apply' | 'remove', options: { json?: true; yes?: true }) =>
      perform(async () => (await import('./commands/hosts.js')).hosts(io, { ...file(), ...options, action })),
    )

  program
    .command('routes')
    .description(
      'the routes as a table with what is wrong with them, or who serves a URL and why not the others',
    )
    .argument('[url]', 'a URL as a browser would open it')
    .option('--method <method>', 'of the request', 'GET')
    .option(
      '-H, --header <name: value>',
      'a header of the request; may be given several times',
      (value: string, all: readonly string[]) => [...all, value],
      [] as readonly string[],
    )
    .option('--to-gateway', 'print the HTTPRoutes for the Ingresses, and what of these has no equal')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  devloop routes\n  devloop routes http://tour.xyz/api/tours/7\n  devloop routes --to-gateway > k8s/routes.yaml',
    )
    .action((url: string | undefined, options: Omit<RoutesOptions, 'url' | 'file'>) =>
      perform(async () =>
        (await import('./commands/routes.js')).routes(io, {
          ...file(),
          ...options,
          ...(url === undefined ? {} : { url }),
        }),
      ),
    )

  program
    .command('gc')
    .description('remove images of earlier saves that nothing runs or may go back to, here and on the nodes')
    .option('--dry-run', 'only show what would be removed, and its bytes')
    .option('--json', 'as JSON')
    .action((options: { dryRun?: true; json?: true }) =>
      perform(async () => (await import('./commands/gc.js')).gc(io, { ...file(), ...options })),
    )

  program
    .command('init')
    .description(
      'write dev.config.yaml from a skaffold.yaml, or from the Dockerfiles and manifests that are here',
    )
    .option('-y, --yes', 'take the best guess instead of asking')
    .option('--force', 'write over a dev.config.yaml that is there')
    .option('--print', 'write to standard output, and no file')
    .action((options: { yes?: true; force?: true; print?: true }) =>
      perform(async () => (await import('./commands/init.js')).init(io, { ...file(), ...options })),
    )

  program
    .command('validate')
    .description('check the config and the manifests')
    .option(
      '--print',
      'print the config that counts: all files and active profiles in one, and why they are active',
    )
    .action((options: { print?: true }) =>
      perform(async () => (await import('./commands/validate.js')).validate(io, { ...file(), ...options })),
    )

  program
    .command('doctor')
    .description('look at all that up needs on this machine, change nothing, and say what to do')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 where something would stop up; 0 where all is well, or only slower or less than it could be.',
    )
    .action((options: { json?: true }) =>
      perform(async () => (await import('./commands/doctor.js')).doctor(io, { ...file(), ...options })),
    )

  program
    .command('explain')
    .description('what a problem means and what to do about it; without a name, all of them')
    .argument('[problem]', 'the name at the end of a problem, as in rollout-crash-loop')
    .action((problem: string | undefined) =>
      perform(async () => (await import('./commands/explain.js')).explainProblem(io, problem)),
    )

  program
    .command('schema')
    .description('print the JSON schema of dev.config.yaml')
    .action(() => perform(async () => (await import('./commands/schema.js')).schema(io)))

  program
    .command('completion')
    .description('print the script that completes commands, flags and services in a shell')
    .addArgument(new Argument('<shell>', 'the shell that is to read it').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(devloop completion bash)      in ~/.bashrc\n  source <(devloop completion zsh)       in ~/.zshrc, after compinit\n  devloop completion fish > ~/.config/fish/completions/devloop.fish',
    )
    .action((shell: 'bash' | 'zsh' | 'fish') =>
      perform(async () => {
        io.stdout.write((await import('../core/completion/shell-script.js')).shellScript(shell))
        return exitCodes.ok
      }),
    )

  // What the scripts of `completion` call.
  program
    .command('complete', { hidden: true })
    .option('--describe', 'with descriptions, behind a tab')
    .action((options: { describe?: true }) =>
      perform(async () =>
        (await import('./commands/complete.js')).complete(io, { ...options, program, words: command }),
      ),
    )

  return program
}
