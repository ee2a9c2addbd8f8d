import type {
  AlreadyRunning,
  CommandFailed,
  EngineUnreachable,
  GatewayFailed,
  HostsFileFailed,
  WatchFailed,
} from '../problem.js'
import { exitCodeWords } from './explain-rollout.js'
import { type Explanation, linesOf, present } from './explanation.js'

export function explainEngine({ endpoint, message, hangs }: EngineUnreachable): Explanation {
  return {
    title: endpoint === 'docker' ? 'Docker does not answer' : `Docker does not answer at ${endpoint}`,
    detail: linesOf(message),
    hints: [
      ...(hangs === true ? HANGING : engineHints(endpoint, message)),
      'If another engine is meant: "docker context ls" lists them; DOCKER_HOST names one.',
    ],
    anchor: 'engine-unreachable',
  }
}

const HANGING: readonly string[] = [
  'It may only be busy: it is asked again by itself.',
  'If "docker ps" does not answer either, restart it: "sudo systemctl restart docker", or Docker Desktop, OrbStack or Colima.',
]

function engineHints(endpoint: string, message: string): readonly string[] {
  if (/^(tcp|https?|ssh):/.test(endpoint))
    return ['Check that the machine is up, that the address is right, and that TLS is set as it wants it.']
  if (/npipe|\\\\.\\pipe/.test(endpoint))
    return ['Windows: start Docker Desktop and wait until it says that the engine runs.']
  if (/EACCES|permission denied/i.test(message))
    return ['Linux: your user may not use the socket: "sudo usermod -aG docker $USER", then log in again.']
  if (/\/Users\/|\/\.(docker|colima|orbstack|rd)\//.test(endpoint))
    return ['macOS: start Docker Desktop, OrbStack or Colima ("open -a Docker", "colima start").']
  return [
    'Linux: start it with "sudo systemctl start docker" (rootless: "systemctl --user start docker").',
    'macOS: start Docker Desktop, OrbStack or Colima ("open -a Docker", "colima start").',
    'Windows with WSL: start Docker Desktop, and turn on its integration with this distribution.',
  ]
}

export function explainCommand({ argv, exitCode, signal, reason, output }: CommandFailed): Explanation {
  const [program = ''] = argv
  const words = {
    'not-found': 'was not found',
    exited: `failed with exit code ${exitCode ?? 'unknown'}${exitCode !== undefined && exitCode > 125 ? ` (${exitCodeWords(exitCode)})` : ''}`,
    signalled: `was ended by ${signal ?? 'a signal'}`,
    'timed-out': 'took too long and was ended',
    failed: 'could not be run',
  }
  return {
    title: `${program} ${words[reason]}`,
    detail: [`$ ${argv.map(shellWord).join(' ')}`, ...output.map(line => `  ${line}`)],
    hints: reason === 'not-found' ? [`Install ${program}, or check that it is on PATH.`] : [],
    anchor: `command-${reason}`,
  }
}

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

export function explainWatch({ path, reason, message, hint }: WatchFailed): Explanation {
  const titles = {
    limit: `the system allows no more file watches (at ${path})`,
    missing: `${path} is gone and cannot be watched`,
    permission: `${path} may not be read, so it cannot be watched`,
    other: `${path} cannot be watched`,
  }
  const hints = {
    limit: [
      'Linux: "sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512"; a line for each in /etc/sysctl.d keeps it over a restart.',
      'macOS and others: raise the limit of open files ("ulimit -n 65536").',
      'Fewer files to watch help, too: name large folders in .dockerignore or in "watch.ignore".',
    ],
    missing: ['Make it again, or correct dev.config.yaml.'],
    permission: ['Correct its permissions, or leave it out with .dockerignore or "watch.ignore".'],
    other: [],
  }
  return {
    title: titles[reason],
    detail: linesOf(message),
    hints: present(hint, ...hints[reason]),
    anchor: `watch-${reason}`,
  }
}

export function explainAlreadyRunning({ pid, startedAt, config }: AlreadyRunning): Explanation {
  return {
    title: `devloop runs for this project already, as process ${pid}`,
    detail: [`since ${startedAt}, with ${config}`],
    hints: [
      'See what it does with "devloop status".',
      `Stop it with Ctrl-C in its terminal, or with "kill ${pid}"; then start again.`,
    ],
    anchor: 'already-running',
  }
}

export function explainHostsFile({ file, reason, message, hint }: HostsFileFailed): Explanation {
  const titles = {
    rights: `you may not write ${file}`,
    changed: `${file} was changed meanwhile, and is as it was found`,
    damaged: `devloop's block in ${file} is damaged, so nothing was changed`,
    other: `${file} could not be changed`,
  }
  const hints = {
    rights: [],
    changed: ['Run the command again.'],
    damaged: ['Delete by hand what is left of the block; then run it again.'],
    other: [],
  }
  return {
    title: titles[reason],
    detail: linesOf(message),
    hints: present(hint, ...hints[reason]),
    anchor: `hosts-file-${reason}`,
  }
}

export function explainGateway({ port, reason, message, owner, system }: GatewayFailed): Explanation {
  const by = owner === undefined ? 'another program' : `${owner.program} (pid ${owner.pid})`
  const titles = {
    taken: `port ${port} is taken by ${by}, so the routes are not served on this machine`,
    rights: `you may not serve port ${port}, so the routes are not served on this machine`,
    other: `the routes cannot be served at port ${port} of this machine`,
  }
  const hints = {
    taken: [
      `End ${by}, or choose another port: "gateway: { port: 8081 }" in dev.config.yaml (0 takes any that is free).`,
    ],
    rights: [
      ...rightsHints(port, system),
      'Or choose a port from 1024 on: "gateway: { port: 8080 }" in dev.config.yaml.',
    ],
    other: [],
  }
  return {
    title: titles[reason],
    detail: linesOf(message),
    hints: hints[reason],
    anchor: `gateway-${reason}`,
  }
}

/** What lets programs of this user serve a low port at loopback. */
function rightsHints(port: number, system: GatewayFailed['system']): readonly string[] {
  switch (system) {
    case 'macos':
      // macOS lets anybody have low ports at all addresses together, and at loopback alone nobody but root.
      return [
        `Run: echo "rdr pass inet proto tcp from any to 127.0.0.1 port ${port} -> 127.0.0.1 port 8080" | sudo pfctl -ef -`,
        `With it, "gateway: { port: 8080 }" answers at port ${port} as well, until the next restart or "sudo pfctl -f /etc/pf.conf".`,
      ]
    case 'windows':
      return [
        `Windows keeps ports for itself: "netsh interface ipv4 show excludedportrange protocol=tcp" lists them, and "netsh http show servicestate" what is served by the system at port ${port}.`,
        'The World Wide Web Publishing Service has port 80 where it runs: "net stop W3SVC" in a shell of an administrator.',
      ]
    case undefined:
      return [
        `Run: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
        `It lets every program here serve it; the line "net.ipv4.ip_unprivileged_port_start=${port}" in a file of /etc/sysctl.d keeps that over a restart.`,
        'For Node alone: sudo setcap cap_net_bind_service=+ep "$(readlink -f "$(which node)")"',
      ]
  }
}
