import { parseArgs } from 'node:util'

export interface BenchOptions {
  readonly services: number
  readonly payloadMb: number
  readonly saves: number
  readonly rounds: number
  readonly cluster: string
  readonly firstNodePort: number
  /** Only these tools; undefined: all that are there. */
  readonly tools: readonly string[] | undefined
  /** The image that services build upon: that of Node (185 MB), or busybox (4 MB). */
  readonly base: 'node' | 'small'
  /** Small files in each build context, besides the payload. */
  readonly files: number
  /** Services have no NodePort and are asked through devloop's gateway alone. */
  readonly gatewayOnly: boolean
  /** The source is synced into the running container: devloop starts Node anew, or, on the small base, every tool lets busybox read the file. */
  readonly sync: boolean
}

export const usage = `Usage: npm run bench -- [--services 7] [--payload-mb 8] [--saves 5] [--rounds 1] [--cluster dev] [--first-node-port 30010] [--tools devloop,tilt] [--base node|small] [--files 0] [--gateway-only] [--sync]`

/** Reads the command line; throws with the usage when it is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      services: { type: 'string', default: '7' },
      'payload-mb': { type: 'string', default: '8' },
      saves: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '1' },
      cluster: { type: 'string', default: 'dev' },
      'first-node-port': { type: 'string', default: '30010' },
      tools: { type: 'string' },
      base: { type: 'string', default: 'node' },
      files: { type: 'string', default: '0' },
      'gateway-only': { type: 'boolean', default: false },
      sync: { type: 'boolean', default: false },
    },
  })
  // The others have no gateway, and start no process anew.
  const onlyDevloop = values['gateway-only'] || (values.sync && values.base === 'node')
  return {
    services: whole(values.services, 'services', 1, 50),
    payloadMb: whole(values['payload-mb'], 'payload-mb', 0, 1000),
    saves: whole(values.saves, 'saves', 1, 100),
    rounds: whole(values.rounds, 'rounds', 1, 20),
    cluster: values.cluster,
    tools: onlyDevloop ? ['devloop'] : values.tools?.split(','),
    base: baseOf(values.base),
    files: whole(values.files, 'files', 0, 200_000),
    gatewayOnly: values['gateway-only'],
    sync: values.sync,
    firstNodePort: whole(values['first-node-port'], 'first-node-port', 30000, 32767),
  }
}

function baseOf(text: string): 'node' | 'small' {
  if (text === 'node' || text === 'small') return text
  throw new Error(`--base is node or small, not "${text}"\n${usage}`)
}

function whole(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Error(`--${name} takes a whole number from ${least} to ${most}, not "${text}"\n${usage}`)
}
