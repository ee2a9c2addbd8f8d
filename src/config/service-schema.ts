import * as z from 'zod'
import { serviceHooks } from './hook-schema.js'
import {
  dnsLabel,
  duration,
  filePath,
  name,
  rollout,
  text,
  variable,
  variableName,
  workload,
} from './schema-parts.js'

const PLATFORM = /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9_.]+)?$/
const CONTAINER_FOLDER = /^\/[^\n\r\0]*$/

const secret = z.strictObject({
  id: text.describe('The id in `RUN --mount=type=secret,id=…`.'),
  file: filePath
    .optional()
    .describe('The file with the secret, relative to this file; `~` is the home folder.'),
  env: variableName.optional().describe('The environment variable with the secret.'),
})

const requirement = z.strictObject({
  service: name.describe('The service whose image this one builds upon.'),
  arg: variableName.describe("The build argument that gets that image's reference."),
})

const syncRule = z.strictObject({
  match: text.describe('A glob of files, relative to the context, as in `src/**`.'),
  strip: text
    .optional()
    .describe("A folder that is taken off the front of each file's path. Default: nothing."),
  to: z
    .string()
    .regex(CONTAINER_FOLDER, 'must be an absolute path of a folder in the container, as in /app/src')
    .describe('The folder in the container that the files go into.'),
  // biome-ignore lint/suspicious/noThenProperty: the name of the key in the config file
  then: z
    .union([
      z.literal('restart'),
      z.strictObject({
        run: z
          .union([text, z.array(text).min(1, 'must not be empty')])
          .describe('A line for the shell of the container, or a list of a program and its arguments.'),
      }),
    ])
    .optional()
    .describe(
      'What is done after: restart the process, or run a command in the container. Default: nothing.',
    ),
})

const endpoint = z
  .strictObject({
    http: text.optional().describe('A URL that must answer well, as in http://config:8888/actuator/health.'),
    tcp: text.optional().describe('HOST:PORT that must take connections, as in mysql:3306.'),
    timeout: duration
      .optional()
      .describe('How long it is waited for before that is a problem: 90s, 3m, or seconds. Default: 5m.'),
  })
  .meta({ oneOf: [{ required: ['http'] }, { required: ['tcp'] }] })

/** `services.NAME`: what is built and watched, one image. */
export const serviceSchema = z.strictObject({
  context: filePath.optional().describe('The build context, relative to this file. Default: ./NAME.'),
  dockerfile: text.optional().describe('The Dockerfile, relative to the context. Default: Dockerfile.'),
  image: text
    .optional()
    .describe('The image in the manifests; with a tag, only references with that tag. Default: NAME.'),
  target: text.optional().describe('The stage of the Dockerfile to build. Default: the last.'),
  platform: z
    .string()
    .regex(PLATFORM, 'must be OS/ARCHITECTURE, as in linux/amd64')
    .optional()
    .describe("The platform to build for. Default: the engine's own."),
  buildArgs: z
    .record(variableName, variable)
    .optional()
    .describe(
      'Build arguments. `{ env: NAME }` takes the value of an environment variable; where that is not set and there is no default, the Dockerfile says.',
    ),
  secrets: z.array(secret).optional().describe('Build secrets; they need BuildKit.'),
  requires: z.array(requirement).optional().describe('Images of other services that this one builds upon.'),
  workloads: z
    .array(workload)
    .optional()
    .describe('KIND/NAME of the workloads that run this service, where the image name does not say it.'),
  container: dnsLabel.optional().describe('The container of the workloads that runs this service.'),
  watch: z
    .strictObject({
      extra: z
        .array(text)
        .optional()
        .describe('More files and folders that start a build, relative to the context.'),
      ignore: z
        .array(text)
        .optional()
        .describe('Globs of files that start no build, relative to the context.'),
    })
    .optional()
    .describe('What starts a build, besides the files that the Dockerfile copies.'),
  dependsOn: z
    .array(z.union([text, endpoint]))
    .optional()
    .describe(
      'Services, or KIND/NAME of workloads, that must be live, and endpoints that must answer, before this one is deployed.',
    ),
  sync: z
    .array(syncRule)
    .optional()
    .describe(
      'Files that running containers take without a new image. The first rule that matches a file counts.',
    ),
  rollout: rollout
    .optional()
    .describe('How the workloads of this service are rolled out. Default: as the project says.'),
  hooks: serviceHooks.optional().describe('Commands before and after what is done for this service.'),
})

export type ServiceInput = z.output<typeof serviceSchema>
