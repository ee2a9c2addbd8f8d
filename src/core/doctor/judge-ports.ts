import { type Finding, finding } from './finding.js'

/** A port on this machine that `up` wants. */
export interface WantedPort {
  readonly port: number
  /** `the gateway`, `service/tour-srv`. */
  readonly use: string
  /** Whether `up` takes another one where it cannot have this. */
  readonly mayMove: boolean
}

export interface PortFacts extends WantedPort {
  readonly state: 'free' | 'taken' | 'rights' | 'unusable'
  /** Its program by name, without arguments; undefined where this user may not know. */
  readonly owner?: { readonly pid: number; readonly program: string }
}

/**
 * Whether the wanted ports are free. What an `up` of this project holds (`own`: its pid) is as it should be, and so is the gateway's port in the hands
 * of any other devloop (`others`), for they share it.
 */
export function judgePorts(
  ports: readonly PortFacts[],
  { own, others }: { readonly own: number | undefined; readonly others: readonly number[] },
): readonly Finding[] {
  const findings = ports.flatMap(port => judgePort(port, port.use === GATEWAY ? [own, ...others] : [own]))
  if (findings.length > 0) return findings
  const listed = ports.map(({ port, use }) => `${port} (${use})`).join(', ')
  const held = ports.some(({ state }) => state === 'taken')
  const text =
    listed === ''
      ? 'no port of this machine is wanted'
      : `${held ? 'free, or held by devloop' : 'free'}: ${listed}`
  return [finding('ports', 'ok', text)]
}

/** The use of the gateway's port. */
export const GATEWAY = 'the gateway'

function judgePort(
  { port, use, mayMove, state, owner }: PortFacts,
  friends: readonly (number | undefined)[],
): readonly Finding[] {
  switch (state) {
    case 'free':
      return []
    case 'taken': {
      if (owner !== undefined && friends.includes(owner.pid)) return []
      const by =
        owner === undefined
          ? 'a program of another user, or in a container'
          : `${owner.program} (pid ${owner.pid})`
      const end =
        owner === undefined
          ? `Who it is: sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`
          : `End it if it is not needed: kill ${owner.pid}`
      return [
        finding(
          'ports',
          'warning',
          `port ${port}, for ${use}, is taken by ${by}${mayMove ? '; another one is chosen' : ''}`,
          end,
          choose(use),
        ),
      ]
    }
    case 'rights':
      return [
        finding(
          'ports',
          'warning',
          `your user may not listen at port ${port}, for ${use}`,
          `Linux: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
          choose(use),
        ),
      ]
    case 'unusable':
      return [
        finding(
          'ports',
          'warning',
          `port ${port}, for ${use}, cannot be had: its address is not of this machine`,
          choose(use),
        ),
      ]
  }
}

const choose = (use: string): string =>
  use === GATEWAY
    ? 'Or choose another port: "gateway: { port: 8081 }" in the config (0 takes any that is free).'
    : 'Or choose another "local" port for it under portForward in the config.'
