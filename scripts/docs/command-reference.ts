import type { Command } from 'commander'

const HEAD = `# The command line

Made from the parser itself (\`npm run docs\`); \`devloop COMMAND --help\` prints the same. What the commands do in full is in [commands.md](commands.md), exit codes in
[json-events.md](json-events.md).
`

/** The page of the command line: what each command's help says. */
export function commandReference(program: Command): string {
  const visible = program.createHelp().visibleCommands(program)
  const commands = program.commands.filter(
    command => command.commands.length === 0 && visible.includes(command),
  )
  const nested = program.commands.flatMap(({ commands: below }) => below)
  return `${[
    HEAD.trim(),
    block('devloop', program),
    ...[...commands, ...nested].map(command => block(fullName(command), command)),
  ].join('\n\n')}\n`
}

function block(name: string, command: Command): string {
  let text = ''
  // Wide, and without colours, whatever runs this.
  command.configureOutput({
    writeOut: written => {
      text += written
    },
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return [`## \`${name}\``, ['```', text.trim(), '```'].join('\n')].join('\n\n')
}

function fullName(command: Command): string {
  const above = command.parent
  return above === null ? command.name() : `${fullName(above)} ${command.name()}`
}
