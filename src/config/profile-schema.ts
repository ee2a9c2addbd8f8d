import * as z from 'zod'

const text = z.string().min(1, 'must not be empty')
const ENVIRONMENT = /^[A-Za-z_][A-Za-z0-9_]*(=.*)?$/s
const POINTER = /^(\/([^~/]|~[01])*)+$/

/** What has to hold for a profile to be active of itself: everything in one of the entries. */
export const activationSchema = z.array(
  z
    .strictObject({
      env: z
        .string()
        .regex(ENVIRONMENT, 'must be NAME=PATTERN, as in CI=true, or NAME for any value')
        .optional()
        .describe(
          'NAME=PATTERN of an environment variable: a regular expression of its whole value, or with `!` in front one that must not match. NAME alone: set and not empty. NAME= alone: not set or empty.',
        ),
      context: text
        .optional()
        .describe(
          "A regular expression of the whole name of the kubeconfig's current context, as in `kind-.*`; with `!` in front one that must not match.",
        ),
      command: z
        .union([text, z.array(text).min(1, 'must not be empty')])
        .optional()
        .describe('The command of devloop that runs, as in `up`, or several of which one must.'),
    })
    .meta({ minProperties: 1 }),
)

export const patchSchema = z.strictObject({
  op: z.enum(['add', 'replace', 'remove']).describe('What is done: add, replace or remove.'),
  path: z
    .string()
    .regex(POINTER, 'must be a path such as /services/web/image')
    .describe(
      'The place, as in /services/web/image. Items of lists by their place, name or path; `-` is behind the last. ~1 stands for /, ~0 for ~.',
    ),
  value: z.unknown().optional().describe('What comes there. Not with remove.'),
})

export type Activation = z.output<typeof activationSchema>
