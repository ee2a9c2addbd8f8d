import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { addHelp } from './command-help.js'
import type { CommandIo } from './io.js'
import { packageFile } from './package-file.js'
import type { CommandContext, Perform } from './program/command-context.js'
import { addLoopCommands } from './program/loop-commands.js'
import { addRouteCommands } from './program/route-commands.js'
import { addServiceCommands } from './program/service-commands.js'
import { addSetupCommands } from './program/setup-commands.js'
import { addStageCommands } from './program/stage-commands.js'

/** The parser of the command line; `perform` gets what a command is to do. */
export function createProgram(given: CommandIo, command: readonly string[], perform: Perform): Command {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }
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

  const context: CommandContext = { program, io, file, command, perform }
  // In the order of the help.
  addLoopCommands(context)
  addServiceCommands(context)
  addStageCommands(context)
  addRouteCommands(context)
  addSetupCommands(context)
  addHelp(program)
  return program
}
