import { Argument } from 'commander'
import type { RoutesOptions } from '../commands/routes.js'
import type { CommandContext } from './command-context.js'

/** Names and routes: hosts, routes. */
export function addRouteCommands({ program, io, file, perform }: CommandContext): void {
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
      perform(async () =>
        (await import('../commands/hosts.js')).hosts(io, { ...file(), ...options, action }),
      ),
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
        (await import('../commands/routes.js')).routes(io, {
          ...file(),
          ...options,
          ...(url === undefined ? {} : { url }),
        }),
      ),
    )
}
