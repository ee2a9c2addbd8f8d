import { Argument } from 'commander'
import { exitCodes } from '../../core/exit-code.js'
import type { CommandContext } from './command-context.js'

/** What is around the loop: gc, init, validate, doctor, explain, schema, completion. */
export function addSetupCommands({ program, io, file, command, perform }: CommandContext): void {
  program
    .command('gc')
    .description('remove images of earlier saves that nothing runs or may go back to, here and on the nodes')
    .option('--dry-run', 'only show what would be removed, and its bytes')
    .option('--json', 'as JSON')
    .action((options: { dryRun?: true; json?: true }) =>
      perform(async () => (await import('../commands/gc.js')).gc(io, { ...file(), ...options })),
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
      perform(async () => (await import('../commands/init.js')).init(io, { ...file(), ...options })),
    )

  program
    .command('validate')
    .description('check the config and the manifests')
    .option(
      '--print',
      'print the config that counts: all files and active profiles in one, and why they are active',
    )
    .action((options: { print?: true }) =>
      perform(async () => (await import('../commands/validate.js')).validate(io, { ...file(), ...options })),
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
      perform(async () => (await import('../commands/doctor.js')).doctor(io, { ...file(), ...options })),
    )

  program
    .command('explain')
    .description('what a problem means and what to do about it; without a name, all of them')
    .argument('[problem]', 'the name at the end of a problem, as in rollout-crash-loop')
    .action((problem: string | undefined) =>
      perform(async () => (await import('../commands/explain.js')).explainProblem(io, problem)),
    )

  program
    .command('schema')
    .description('print the JSON schema of dev.config.yaml')
    .action(() => perform(async () => (await import('../commands/schema.js')).schema(io)))

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
        io.stdout.write((await import('../../core/completion/shell-script.js')).shellScript(shell))
        return exitCodes.ok
      }),
    )

  // What the scripts of `completion` call.
  program
    .command('complete', { hidden: true })
    .option('--describe', 'with descriptions, behind a tab')
    .action((options: { describe?: true }) =>
      perform(async () =>
        (await import('../commands/complete.js')).complete(io, { ...options, program, words: command }),
      ),
    )
}
