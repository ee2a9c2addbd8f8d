import type { Command } from 'commander'
import type { CommandWords } from '../core/completion/complete-words.js'

/** The parser's commands as completion needs them; hidden ones are not offered. */
export function commandWords(command: Command): CommandWords {
  const help = command.createHelp()
  return {
    name: command.name(),
    description: command.description(),
    options: help
      .visibleOptions(command)
      .map(({ short, long, description, required, optional, argChoices, defaultValue }) => ({
        flags: [short, long].filter(flag => flag !== undefined),
        description,
        takesValue: required || optional,
        choices: argChoices ?? [],
        mayRepeat: Array.isArray(defaultValue),
      })),
    args: command.registeredArguments.map(argument => ({
      name: argument.name(),
      choices: argument.argChoices ?? [],
      isVariadic: argument.variadic,
    })),
    commands: help.visibleCommands(command).map(commandWords),
  }
}
