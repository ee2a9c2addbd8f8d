import { Option } from 'commander'
import type { LogsOptions } from '../commands/logs.js'
import type { CommandContext } from './command-context.js'

/** The loop, and what it tells: up, down, logs, status, wait, why, why-not. */
export function addLoopCommands({ program, io, file, command, perform }: CommandContext): void {
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
          (await import('../commands/up.js')).up(io, { ...file(), ...options, services, command }),
        ),
    )

  program
    .command('down')
    .description('delete what up created and put back what it changed, from its journal; volumes stay')
    .option('--volumes', 'delete volumes too, and the namespaces that hold them')
    .option('--cluster', 'delete the cluster too, if devloop created it')
    .action((options: { volumes?: true; cluster?: true }) =>
      perform(async () => (await import('../commands/down.js')).down(io, { ...file(), ...options })),
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
      perform(async () =>
        (await import('../commands/logs.js')).logs(io, { ...file(), ...options, services }),
      ),
    )

  program
    .command('status')
    .description('what is live: each service, its last save, pods and problems')
    .option('--json', 'as JSON')
    .option('--timings', 'what the last saves took by service and stage, and what would help')
    .action((options: { json?: true; timings?: true }) =>
      perform(async () => (await import('../commands/status.js')).status(io, { ...file(), ...options })),
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
      perform(async () =>
        (await import('../commands/wait.js')).wait(io, { ...file(), ...options, services }),
      ),
    )

  program
    .command('why')
    .description('which files started the last build of a service, or why the last change did not')
    .argument('<service>')
    .option('--json', 'as JSON')
    .action((service: string, options: { json?: true }) =>
      perform(async () => (await import('../commands/why.js')).why(io, { ...file(), ...options, service })),
    )

  program
    .command('why-not')
    .description('whether a change of a file starts anything, and which rule decides it')
    .argument('<path>')
    .option('--json', 'as JSON')
    .action((path: string, options: { json?: true }) =>
      perform(async () =>
        (await import('../commands/why-not.js')).whyNot(io, { ...file(), ...options, path }),
      ),
    )
}
