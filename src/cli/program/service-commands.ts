import { Option } from 'commander'
import type { VerifyOptions } from '../commands/verify.js'
import type { CommandContext } from './command-context.js'

/** What is asked of one service: restart, verify, rollback, pause, scale-to-zero, switch, clear, debug, history. */
export function addServiceCommands({ program, io, file, perform }: CommandContext): void {
  program
    .command('restart')
    .description('replace the pods of services, as their workloads say')
    .argument('<service...>')
    .action((services: string[]) =>
      perform(async () => (await import('../commands/restart.js')).restart(io, { ...file(), services })),
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
        (await import('../commands/verify.js')).verify(io, { ...file(), ...options, services }),
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
        (await import('../commands/steer.js')).steer(io, {
          ...file(),
          ...options,
          service,
          type: 'rollback',
        }),
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
        perform(async () => (await import('../commands/steer.js')).steer(io, { ...file(), service, type })),
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
        (await import('../commands/steer.js')).steer(io, { ...file(), service, version, type: 'switch' }),
      ),
    )

  program
    .command('clear')
    .description('take back what was asked of a service: pause, scale to zero, rollback, switch')
    .argument('<service>')
    .action((service: string) =>
      perform(async () =>
        (await import('../commands/steer.js')).steer(io, { ...file(), service, type: 'clear' }),
      ),
    )

  program
    .command('debug')
    .description('attach a debugger to a service, Node or JVM, until Ctrl-C; devloop up must run')
    .argument('<service>')
    .action((service: string) =>
      perform(async () => (await import('../commands/debug.js')).debug(io, { ...file(), service })),
    )

  program
    .command('history')
    .description('what a service ran: revision, save, image, and which is live')
    .argument('<service>')
    .option('--json', 'as JSON')
    .action((service: string, options: { json?: true }) =>
      perform(async () =>
        (await import('../commands/history.js')).history(io, { ...file(), ...options, service }),
      ),
    )
}
