import type { Command } from 'commander'

/** A command line, and what it is for where that is not plain. */
type Example = readonly [line: string, why?: string]

/** Of those commands whose options do not bring examples with them. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  down: [
    ['devloop down'],
    ['devloop down --volumes', 'what databases hold goes, too'],
    ['devloop -f old/dev.config.yaml down', 'of a config that is not here'],
  ],
  status: [
    ['devloop status'],
    ['devloop status --json', 'for scripts'],
    ['devloop status --timings', 'where the time of the last saves went'],
  ],
  why: [['devloop why bookings'], ['devloop why bookings --json']],
  'why-not': [['devloop why-not bookings/README.md'], ['devloop why-not k8s/bookings.yaml']],
  restart: [['devloop restart bookings'], ['devloop restart bookings tours']],
  rollback: [
    ['devloop rollback bookings', 'the image before the present one'],
    ['devloop clear bookings', 'back to what the files say'],
  ],
  switch: [
    ['devloop switch bookings green', 'the Deployment whose label says green'],
    ['devloop clear bookings', 'back to what the manifests say'],
  ],
  pause: [
    ['devloop pause bookings', 'its saves wait'],
    ['devloop resume bookings', 'and are taken up'],
  ],
  resume: [['devloop resume bookings']],
  'scale-to-zero': [
    ['devloop scale-to-zero bookings', 'no pods'],
    ['devloop scale-back bookings', 'as many as the manifest says'],
  ],
  'scale-back': [['devloop scale-back bookings']],
  clear: [['devloop clear bookings']],
  debug: [['devloop debug bookings', 'prints the line for the editor']],
  history: [['devloop history bookings'], ['devloop history bookings --json']],
  build: [['devloop build'], ['devloop build bookings --quiet', 'prints the reference alone']],
  render: [
    ['devloop render'],
    ['devloop render bookings -o json'],
    ['devloop render --explain', 'which files were taken, and why others were not'],
  ],
  hosts: [
    ['devloop hosts'],
    ['sudo devloop hosts apply', 'where the hosts file belongs to root'],
    ['devloop hosts remove --yes'],
  ],
  gc: [['devloop gc --dry-run'], ['devloop gc']],
  init: [
    ['devloop init'],
    ['devloop init --yes', 'in scripts: nothing is asked'],
    ['devloop init --print', 'only shows it'],
    ['devloop init -f deploy/skaffold.yaml'],
  ],
  validate: [
    ['devloop validate'],
    ['devloop validate -f skaffold.yaml', 'lists what of it is not translated'],
    ['devloop -p ci validate --print', 'with the profile ci'],
  ],
  doctor: [['devloop doctor'], ['devloop doctor --json']],
  explain: [['devloop explain'], ['devloop explain rollout-crash-loop']],
  schema: [['devloop schema > dev.config.schema.json', 'for an editor that takes it from a file']],
}

const BEGIN: readonly Example[] = [
  ['devloop init', 'writes dev.config.yaml from a skaffold.yaml, or from Dockerfiles and manifests'],
  ['devloop doctor', 'looks at Docker, the cluster, ports and limits, and says what to do'],
  ['devloop up', 'brings everything up, and every save live; Ctrl-C stops it, the pods go on'],
  ['devloop down', 'takes away what up brought'],
]

const VARIABLES: readonly Example[] = [
  ['NO_COLOR', 'no colours'],
  ['CI', 'lines of text in place of the screen'],
  ['KUBECONFIG, DOCKER_HOST', 'as kubectl and docker take them'],
  ['DEVLOOP_STATE_DIR', 'where devloop keeps its journal, images and logs'],
]

const CODES: readonly Example[] = [
  ['0', 'everything asked for was done'],
  ['1', 'a defect, or a program that devloop ran failed'],
  ['2', 'wrong flags, or a config that cannot be used'],
  ['3, 4, 5', 'Docker does not answer; the cluster does not; it must not be touched'],
  ['6, 7, 8, 9', 'a build, a load, a manifest or a rollout failed'],
  ['10, 11', 'another devloop owns the project; files cannot be watched or written'],
  ['12, 13', 'only wait: not live in time; only deploy --dry-run: something would change'],
  ['130, 143', 'ended by Ctrl-C, by SIGTERM'],
]

/** Adds to `--help` what a newcomer needs: to each command examples, to the whole where to begin. */
export function addHelp(program: Command): void {
  for (const command of program.commands) {
    const examples = EXAMPLES[command.name()]
    if (examples !== undefined) command.addHelpText('after', section('Examples', examples))
  }
  const parts = [section('To begin', BEGIN), section('Environment', VARIABLES), section('Exit codes', CODES)]
  program.addHelpText('after', parts.join('\n'))
}

function section(title: string, lines: readonly Example[]): string {
  const width = Math.max(...lines.map(([line]) => line.length))
  const shown = lines.map(([line, why]) =>
    why === undefined ? `  ${line}` : `  ${line.padEnd(width)}   ${why}`,
  )
  return `\n${title}:\n${shown.join('\n')}`
}
