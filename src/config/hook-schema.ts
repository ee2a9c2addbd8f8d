import * as z from 'zod'
import { dnsLabel, duration, scalar, text, variableName, workload } from './schema-parts.js'

/** `hooks` of a service and of the project: commands before and after what devloop does. */

const system = z.enum(['linux', 'darwin', 'windows'])

const hookMapping = z.strictObject({
  run: z
    .union([text, z.array(text).min(1, 'must not be empty')])
    .describe('A line for the shell, or a list of a program and its arguments.'),
  container: z
    .union([z.literal(true), dnsLabel])
    .optional()
    .describe(
      "Runs in a running container instead of on this machine: true for the service's own, or the container's name. Not with build and render hooks.",
    ),
  workload: workload
    .optional()
    .describe(
      "KIND/NAME of the workload whose container it runs in. Default: the service's own. Only with container.",
    ),
  cwd: text
    .optional()
    .describe(
      "The folder that it runs in, relative to the service's context; for hooks of the project, to this file. Default: that folder.",
    ),
  env: z.record(variableName, scalar).optional().describe('More environment variables.'),
  os: z
    .union([system, z.array(system).min(1, 'must not be empty')])
    .optional()
    .describe('The systems on which it runs: linux, darwin, windows. Default: all.'),
  inputs: z
    .array(text)
    .optional()
    .describe(
      'Files, folders and globs that it reads, relative to its folder: it runs when their content changed, and a change of them starts it. Default: what the image is made of. Only with beforeBuild and beforeRender.',
    ),
  outputs: z
    .array(text)
    .optional()
    .describe(
      'Files, folders and globs that it writes, relative to its folder: they start nothing by themselves, and it runs again when they are not as it left them. `[]` for none. Only with beforeBuild and beforeRender.',
    ),
  lock: text.optional().describe('Hooks with the same lock never run at the same time.'),
  timeout: duration
    .optional()
    .describe('How long it may take before it is ended: 90s, 3m, or seconds. Default: no limit.'),
})

const hookEntry = z.union([text, hookMapping])
const stage = z.union([text, hookMapping, z.array(hookEntry)])

const everywhere = {
  beforeBuild: stage
    .optional()
    .describe('Before an image is built. One with inputs runs when they changed, and starts the build.'),
  afterBuild: stage
    .optional()
    .describe('After an image was built, and before it is deployed; not for one that was built before.'),
  beforeSync: stage.optional().describe('Before files go into running containers.'),
  afterSync: stage.optional().describe('After files went into running containers.'),
}

/** `services.X.hooks` */
export const serviceHooks = z.strictObject({
  ...everywhere,
  beforeDeploy: stage.optional().describe('Before the workloads of the service are applied.'),
  afterDeploy: stage.optional().describe('When what was deployed is live, as in `npm run migrate`.'),
})

/** `hooks` */
export const projectHooks = z.strictObject({
  beforeRender: stage.optional().describe('Before the manifests are read and rendered.'),
  afterRender: stage.optional().describe('After the manifests were rendered.'),
  ...everywhere,
  beforeDeploy: stage
    .optional()
    .describe('Before the first object is applied, and again when the manifests changed.'),
  afterDeploy: stage.optional().describe('Each time that everything is live after a change.'),
})

export type HookMapping = z.output<typeof hookMapping>
export type HookStageInput = z.output<typeof stage>
