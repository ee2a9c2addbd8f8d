import * as z from 'zod'
import { dnsLabel, text } from './schema-parts.js'

const forwardPort = z.int().min(1, 'must be at least 1').max(65_535, 'must be at most 65535')

const forward = z.strictObject({
  to: text.describe('What to connect to: service/NAME, deployment/NAME, statefulset/NAME, pod/NAME.'),
  port: z
    .union([forwardPort, text])
    .optional()
    .describe('Its port: a number, or the name of one. Default: the only one that it has.'),
  local: forwardPort
    .optional()
    .describe(
      'The port on this machine. Default: the same number where it is free, else one that stays the same.',
    ),
  namespace: dnsLabel.optional().describe('Default: that of the manifest that has it, else of the project.'),
  address: text
    .optional()
    .describe('The IP address to listen at, as in 0.0.0.0 for other machines. Default: 127.0.0.1 and ::1.'),
})

export const forwards = z.array(z.union([text, forward]))
