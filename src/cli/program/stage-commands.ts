import { Option } from 'commander'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import type { CommandContext } from './command-context.js'

/** One stage, for scripts: build, render, deploy. */
export function addStageCommands({ program, io, file, perform }: CommandContext): void {
  program
    .command('build')
    .description('build the images whose inputs changed, and print their references')
    .argument('[service...]', 'only these services and what they build upon')
    .option('--json', 'one JSON event a line')
    .option('-q, --quiet', 'no build output')
    .action((services: string[], options: { json?: true; quiet?: true }) =>
      perform(async () =>
        (await import('../commands/build.js')).build(io, { ...file(), ...options, services }),
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
        (await import('../commands/render.js')).render(io, { ...file(), ...options, services }),
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
  if (dryRun === true) return (await import('../commands/deploy-dry-run.js')).deployDryRun(io, options)
  return (await import('../commands/up.js')).deploy(io, { ...options, wait })
}
