/**
 * The first process of a container whose service has a rule with `then: restart`: it runs the container's own command, hands signals on to it, ends with its
 * exit code, and on SIGHUP ends all that the command started and runs it anew.
 */
export const SUPERVISOR_MARK = 'devloop-supervisor'

/**
 * For any POSIX shell. A command that a shell starts beside itself ignores SIGINT and SIGQUIT, and reads nothing: its input is given back, and where it still
 * ignores the signal that a container's image names for its end, SIGTERM is sent in its place. What it leaves behind becomes a child of the first process, and is
 * reaped in `wait`. Nothing here may fork while the command runs: whoever asks for a restart looks at the children.
 */
const SHELL_SUPERVISOR = `# ${SUPERVISOR_MARK}
exec 3<&0
again= all= known=
tree() {
  all=
  set -- $child
  while [ $# -gt 0 ]; do
    pid=$1 found=
    shift
    all="$all $pid"
    for list in /proc/"$pid"/task/*/children; do
      kids=
      { read -r kids <"$list"; } 2>/dev/null
      found="$found $kids"
    done
    set -- "$@" $found
  done
}
# Sets own to the children of this process: besides the command what lost its parent, each with a space on both sides.
children() {
  own=' '
  for list in /proc/self/task/*/children; do
    kids=
    { read -r kids <"$list"; } 2>/dev/null
    own="$own$kids "
  done
}
forward() {
  again= sent=$1
  { while read -r key mask; do
    [ "$key" = SigIgn: ] || continue
    case $1:$mask in INT:*[2367abef] | QUIT:*[4567cdef]) sent=TERM ;; esac
  done </proc/"$child"/status; } 2>/dev/null
  kill -"$sent" "$child" 2>/dev/null
}
restart() {
  again=1
  children
  known=$own
  tree
  kill -TERM $all 2>/dev/null
}
launch() { "$@" <&3 3<&- & child=$!; }
trap 'restart' HUP
for name in TERM INT QUIT USR1 USR2; do trap "forward $name" $name; done
launch "$@"
while :; do
  wait "$child" 2>/dev/null
  code=$?
  kill -0 "$child" 2>/dev/null && continue
  # A signal ends the wait before the child; where that one ended meanwhile, its own code is still known.
  if [ "$code" -gt 128 ]; then
    wait "$child" 2>/dev/null
    own=$?
    [ "$own" = 127 ] || code=$own
  fi
  [ -n "$again" ] || exit $code
  tries=0
  for pid in $all; do
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
      tries=$((tries + 1))
      sleep 0.05 3<&- & wait $! 2>/dev/null
    done
    kill -KILL "$pid" 2>/dev/null
  done
  # What one of them started while it ended is no child of theirs any more: a program that watches its own files does that.
  tries=0
  while [ $tries -lt 5 ]; do
    children
    left=
    for pid in $own; do case $known in *" $pid "*) ;; *) left="$left $pid" ;; esac; done
    [ -n "$left" ] || break
    kill -KILL $left 2>/dev/null
    tries=$((tries + 1))
    sleep 0.02 3<&- & wait $! 2>/dev/null
  done
  [ -n "$again" ] || exit $code
  again=
  launch "$@"
done
`

/** For images without a shell that have Node. */
const NODE_SUPERVISOR = `// ${SUPERVISOR_MARK}
const { spawn } = require('child_process'), fs = require('fs'), os = require('os')
const [command, ...args] = process.argv.slice(1)
let child, again = false
const kids = pid => {
  try {
    return fs.readdirSync('/proc/' + pid + '/task').flatMap(task =>
      fs.readFileSync('/proc/' + pid + '/task/' + task + '/children', 'utf8').split(' ').filter(Boolean))
  } catch { return [] }
}
const tree = pid => [String(pid), ...kids(pid).flatMap(tree)]
const kill = (pid, signal) => { try { process.kill(pid, signal); return true } catch { return false } }
// Node reaps only what it started itself: what has ended otherwise stays, as a zombie.
const isAlive = pid => {
  try {
    const stat = fs.readFileSync('/proc/' + pid + '/stat', 'latin1')
    return stat[stat.lastIndexOf(')') + 2] !== 'Z'
  } catch { return false }
}
const after = (pids, tries) => {
  const left = pids.filter(isAlive)
  if (left.length && tries < 100) return setTimeout(after, 50, left, tries + 1)
  for (const pid of left) kill(+pid, 'SIGKILL')
  // What one of them started while it ended: a program that watches its own files does that.
  for (const pid of kids(process.pid)) if (!known.includes(pid)) tree(pid).forEach(one => kill(+one, 'SIGKILL'))
  launch()
}
let all = [], known = []
const launch = () => {
  again = false
  child = spawn(command, args, { stdio: 'inherit' })
  child.on('error', error => { console.error(error.message); process.exit(127) })
  child.on('exit', (code, signal) => {
    if (again) after(all.filter(pid => pid !== String(child.pid)), 0)
    else process.exit(code ?? 128 + os.constants.signals[signal])
  })
}
process.on('SIGHUP', () => { again = true; known = kids(process.pid); all = tree(child.pid); for (const pid of all) kill(+pid, 'SIGTERM') })
for (const name of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGUSR2']) process.on(name, () => { again = false; child.kill(name) })
launch()
`

/** What an image runs, and what there is in it to supervise it with. */
export interface ImageProgram {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** Undefined where the image has neither a shell nor Node. */
  readonly supervisor: Supervisor | undefined
}

export interface Supervisor {
  readonly kind: 'sh' | 'node'
  /** Absolute path in the image. */
  readonly path: string
}

/** The `command` and `args` of a container, as its manifest has them. */
export interface ContainerCommand {
  readonly command: readonly string[] | undefined
  readonly args: readonly string[] | undefined
}

/**
 * A container's command with the supervisor around it. The kubelet replaces `$(NAME)` in a manifest's words, but not in an image's: there they are escaped.
 * Undefined where nothing is there to supervise with, or nothing to run.
 */
export function supervised(
  { command, args }: ContainerCommand,
  { entrypoint, command: imageCommand, supervisor }: ImageProgram,
): { readonly command: readonly string[]; readonly args: readonly string[] } | undefined {
  if (supervisor === undefined) return undefined
  const fromImage = (words: readonly string[]) => words.map(word => word.replaceAll('$(', '$$$$('))
  const program = isGiven(command) ? command : fromImage(entrypoint)
  const rest = isGiven(args) ? args : isGiven(command) ? [] : fromImage(imageCommand)
  const words = [...program, ...rest]
  if (words.length === 0) return undefined
  const { kind, path } = supervisor
  return kind === 'sh'
    ? { command: [path, '-c', SHELL_SUPERVISOR, SUPERVISOR_MARK], args: words }
    : { command: [path, '-e', NODE_SUPERVISOR, '--'], args: words }
}

/** The kubelet takes an empty list as none. */
function isGiven(words: readonly string[] | undefined): words is readonly string[] {
  return words !== undefined && words.length > 0
}
