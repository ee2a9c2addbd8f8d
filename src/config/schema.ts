import * as z from 'zod'
import { cluster } from './cluster-schema.js'
import { forwards } from './forward-schema.js'
import { projectHooks } from './hook-schema.js'
import { manifest, manifestSource } from './manifest-schema.js'
import { activationSchema, patchSchema } from './profile-schema.js'
import { dnsLabel, duration, filePath, name, rollout, text, variable, variableName } from './schema-parts.js'
import { serviceSchema } from './service-schema.js'

/**
 * `dev.config.yaml` as a person may write it. From here come the types, `schema.json`
 * with the editor's completion, and docs/config.md. Every object is strict: what is not here is refused. Messages of formats begin with "must" and follow the key's name.
 */

const namespace = z.union([
  dnsLabel,
  z.strictObject({
    default: dnsLabel.optional().describe('The namespace of objects that name none.'),
    create: z.boolean().optional().describe('Create the namespace when it is missing. Default: true.'),
    override: z
      .boolean()
      .optional()
      .describe('Move objects that name a namespace into the default one, too. Default: false.'),
  }),
])

/** What profiles may change, and files that are included may have. */
const bodySchema = z.strictObject({
  name: dnsLabel.optional().describe('The name of the project. Default: the name of its folder.'),
  cluster: cluster
    .optional()
    .describe(
      'Exactly one of kind, minikube, k3d, context and process. Default: the local cluster that answers.',
    ),
  namespace: namespace.optional().describe('The namespace of objects that name none.'),
  variables: z
    .record(variableName, variable)
    .optional()
    .describe(
      'Values for the $NAME of manifests, with or without braces. Only names that are declared here are replaced.',
    ),
  storageClasses: z
    .record(text, text)
    .optional()
    .describe(
      'Storage classes in place of those that the manifests name, as in `nfs: standard`, for clusters that lack them.',
    ),
  services: z
    .record(name, serviceSchema.nullable())
    .optional()
    .describe('What is built and watched: one image each. `NAME: {}` takes every default.'),
  hooks: projectHooks
    .optional()
    .describe(
      'Commands before and after what is done for every service, for the manifests, and for all of it.',
    ),
  manifests: z
    .union([filePath, manifest, z.array(manifestSource)])
    .optional()
    .describe('Where the manifests are. Default: k8s, if there is such a folder.'),
  replace: z
    .array(
      z.strictObject({
        kind: text.describe('The kind of the objects, as in Rollout.'),
        path: text.describe(
          "The path to the image: keys with dots, `[0]` or `[*]` for items of lists, `['a.b/c']` for other keys.",
        ),
      }),
    )
    .optional()
    .describe('Where objects of other kinds name images that are built here.'),
  preload: z
    .array(text)
    .optional()
    .describe('Images that the nodes take from the local Docker, besides those that the manifests name.'),
  hosts: z
    .array(text)
    .optional()
    .describe(
      'Names that browsers on this machine should find, besides those that Ingresses and routes name.',
    ),
  gateway: z
    .union([
      z.boolean(),
      z.strictObject({
        port: z
          .int()
          .min(0, 'must be at least 0')
          .max(65_535, 'must be at most 65535')
          .optional()
          .describe('The port on 127.0.0.1 and ::1; 0 takes any that is free. Default: 8080.'),
      }),
    ])
    .optional()
    .describe(
      'Serves the Ingresses and HTTPRoutes on this machine; false for not. Default: where the manifests have any.',
    ),
  portForward: z
    .union([
      z.boolean(),
      forwards,
      z.strictObject({
        auto: z
          .boolean()
          .optional()
          .describe('Forward the services that no route serves, besides. Default: true.'),
        forwards: forwards.optional().describe('What to forward, as in `service/tour:3000`.'),
      }),
      // Last: what is no text is explained by the alternatives of its own type.
      z.enum(['auto', 'off']),
    ])
    .optional()
    .describe(
      'Ports on this machine that lead to pods: a list, besides the services built here that no route serves; off for none. Default: auto, those services alone.',
    ),
  build: z
    .strictObject({
      concurrency: z
        .int()
        .min(1, 'must be at least 1')
        .optional()
        .describe('How many images are built at once. Default: the number of CPUs, at most 4.'),
    })
    .optional()
    .describe('How images are built.'),
  logs: z
    .strictObject({
      ignore: z
        .array(text)
        .optional()
        .describe('Regular expressions of log lines that are not shown, as in `GET /healthz`.'),
    })
    .optional()
    .describe('How logs are shown.'),
  rollout: rollout
    .optional()
    .describe('How the workloads of services are rolled out. Default: as their manifests say.'),
  waitTimeout: duration
    .optional()
    .describe(
      "How long --once waits for a workload: 90s, 3m, or a number of seconds. Default: the workload's own progress deadline.",
    ),
  prune: z
    .enum(['ask', 'auto', 'off'])
    .optional()
    .describe(
      'What becomes of objects of devloop that the manifests no longer have: shown and deleted when you say so, deleted by itself, or only told. Default: ask.',
    ),
  onExit: z
    .enum(['keep', 'scale-zero', 'down'])
    .optional()
    .describe(
      'What happens to the workloads when `up` is quit, or the command after `up --once --` has ended: they go on, run no pods until the next `up`, or are taken down. Default: keep.',
    ),
})

const profileSchema = bodySchema.extend({
  activation: activationSchema
    .optional()
    .describe('When the profile is active: if one entry holds. Without it, by --profile alone.'),
  patches: z
    .array(patchSchema)
    .optional()
    .describe('Single changes of the config, made after the rest of the profile.'),
})

export const configSchema = bodySchema.extend({
  version: z.literal(1).optional().describe('The version of this format.'),
  include: z
    .array(text)
    .optional()
    .describe('More config files, or globs of them, relative to this file, as in `teams/*/dev.config.yaml`.'),
  profiles: z
    .record(name, profileSchema)
    .optional()
    .describe('Changes of the config by name, made where they are active.'),
})

/** A valid config file, before defaults. */
export type ConfigInput = z.output<typeof configSchema>
export type PortForwardInput = ConfigInput['portForward']
