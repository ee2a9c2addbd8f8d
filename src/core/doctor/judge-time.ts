import { type Finding, finding } from './finding.js'

/** A clock beside ours. */
export interface ClockReading {
  /** `Docker`, `the API server`. */
  readonly whose: string
  /** Milliseconds by which it is ahead of this machine's; negative where it is behind. */
  readonly ahead: number
  /** Milliseconds by which the reading may be wrong. */
  readonly tolerance: number
}

/** Beyond this, times of logs and events mislead; certificates and tokens begin to fail somewhere above. */
const WORTH_TELLING = 2000

/** Whether the clocks agree. */
export function judgeTime(clocks: readonly ClockReading[], platform: string): Finding {
  if (clocks.length === 0)
    return finding('time', 'unknown', 'no clock to compare with: neither Docker nor a cluster answers')
  const off = clocks.filter(({ ahead, tolerance }) => Math.abs(ahead) - tolerance > WORTH_TELLING)
  if (off.length === 0)
    return finding('time', 'ok', `the clock of ${clocks.map(({ whose }) => whose).join(' and ')} agrees`)
  const words = off.map(
    ({ whose, ahead }) =>
      `the clock of ${whose} is ${Math.round(Math.abs(ahead) / 1000)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`,
  )
  return finding('time', 'warning', words.join('; '), remedy(platform))
}

function remedy(platform: string): string {
  switch (platform) {
    case 'linux':
      return 'Linux: sudo timedatectl set-ntp true, on the machine whose clock is wrong. WSL: sudo hwclock -s.'
    case 'win32':
      return 'Windows: w32tm /resync as administrator; then wsl --shutdown, and start Docker Desktop again.'
    default:
      return 'Restart Docker Desktop, OrbStack or Colima: its virtual machine lost time in a sleep.'
  }
}
