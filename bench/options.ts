import { parseArgs } from 'node:util'

export interface BenchOptions {
  readonly services: number
  readonly payloadMb: number
  readonly saves: number
  readonly rounds: number
  readonly cluster: string
  readonly firstNodePort: number
}

export const usage = `Usage: npm run bench -- [--services 7] [--payload-mb 8] [--saves 5] [--rounds 1] [--cluster dev] [--first-node-port 30010]`

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
    },
  })
  return {
    services: whole(values.services, 'services', 1, 50),
    payloadMb: whole(values['payload-mb'], 'payload-mb', 0, 500),
    saves: whole(values.saves, 'saves', 1, 100),
    rounds: whole(values.rounds, 'rounds', 1, 20),
    cluster: values.cluster,
    firstNodePort: whole(values['first-node-port'], 'first-node-port', 30000, 32767),
  }
}

function whole(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Error(`--${name} takes a whole number from ${least} to ${most}, not "${text}"\n${usage}`)
}
