import * as z from 'zod'
import { filePaths } from './schema-walk.js'

/** What several keys of the schema are made of. Messages of formats begin with "must" and follow the key's name. */

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const WORKLOAD = /^[A-Za-z]+\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/
const DURATION = /^(\d+(\.\d+)?(ms|s|m|h))+$/

export const text = z.string().min(1, 'must not be empty')
/** A path relative to the file that it is written in: one of an included file counts from that file's folder. */
export const filePath = z.string().min(1, 'must not be empty').register(filePaths, {})

export const dnsLabel = z
  .string()
  .regex(
    DNS_LABEL,
    'must be lower-case letters, digits or "-", begin and end with a letter or digit, and be at most 63 long',
  )

export const variableName = z
  .string()
  .regex(VARIABLE, 'must be letters, digits or "_" and not begin with a digit')

/** YAML reads `1.10` as a number; what counts is the text as it was written (see `ConfigDocument.textAt`). */
export const scalar = z.union([z.string(), z.number(), z.boolean()])

export const workload = z.string().regex(WORKLOAD, 'must be KIND/NAME, as in deployment/web')

export const duration = z.union([
  z.string().regex(DURATION, 'must be a duration such as 90s or 3m, or a number of seconds'),
  z.number().positive('must be more than 0'),
])

export const name = z
  .string()
  .regex(
    NAME,
    'must be letters, digits, ".", "_" or "-", begin and end with a letter or digit, and be at most 63 long',
  )

/** A value, or the environment variable that has it. */
export const variable = z.union([
  scalar,
  z.strictObject({
    env: variableName.describe('The environment variable that has the value.'),
    default: scalar.optional().describe('The value when the environment variable is not set.'),
  }),
])

export const rollout = z.strictObject({
  fast: z
    .boolean()
    .optional()
    .describe(
      'Readiness and startup probes that ask every second from the start, no minReadySeconds, a short end where the next pod waits for it. Default: false.',
    ),
})
