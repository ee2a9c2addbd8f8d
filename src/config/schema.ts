import { z } from 'zod'
import { projectHooks, serviceHooks } from './hook-schema.js'
import { activationSchema, patchSchema } from './profile-schema.js'
import { dnsLabel, duration, filePath, scalar, text, variableName, workload } from './schema-parts.js'

/**
 * `dev.config.yaml` as a person may write it. From here come the types, `schema.json`
 * with the editor's completion, and docs/config.md. Every object is strict: what is not here is refused. Messages of formats begin with "must" and follow the key's name.
 */

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const HELM_RELEASE = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/
const PLATFORM = /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9_.]+)?$/
const CONTAINER_FOLDER = /^\/[^\n\r\0]*$/

const name = z
  .string()
  .regex(
    NAME,
    'must be letters, digits, ".", "_" or "-", begin and end with a letter or digit, and be at most 63 long',
  )
const helmRelease = z
  .string()
  .max(53, 'must be at most 53 long')
  .regex(
    HELM_RELEASE,
    'must be lower-case letters, digits, "." or "-", and begin and end with a letter or digit',
  )
const created = {
  create: z.boolean().optional().describe('Create the cluster when it is missing. Default: false.'),
  image: text.optional().describe('The node image of a cluster that devloop creates.'),
  config: filePath.optional().describe("A config file for the cluster's creation, relative to this file."),
}

const cluster = z
  .strictObject({
    kind: z
      .union([
        name,
        z.strictObject({
          name: name.optional().describe('The name of the kind cluster. Default: kind.'),
          ...created,
        }),
        z.null(),
      ])
      .optional()
      .describe('A kind cluster: its name, or a mapping.'),
    minikube: z
      .union([
        name,
        z.strictObject({
          profile: name.optional().describe('The minikube profile. Default: minikube.'),
          create: z.boolean().optional().describe('Start the profile when it is missing. Default: false.'),
        }),
        z.null(),
      ])
      .optional()
      .describe('A minikube profile: its name, or a mapping.'),
    k3d: z
      .union([
        name,
        z.strictObject({
          name: name.optional().describe('The name of the k3d cluster. Default: k3s-default.'),
          ...created,
        }),
        z.null(),
      ])
      .optional()
      .describe('A k3d cluster: its name, or a mapping.'),
    context: z
      .union([
        text,
        z.strictObject({
          name: text.describe('The name of the context in the kubeconfig.'),
          allow: z
            .boolean()
            .optional()
            .describe(
              'Let devloop change this cluster although it is not known to be local. Default: false.',
            ),
          registry: text
            .optional()
            .describe(
              'Where images are pushed for this cluster, as HOST[:PORT][/PATH], for its nodes see no local images.',
            ),
        }),
      ])
      .optional()
      .describe('Any other context of the kubeconfig: its name, or a mapping.'),
    process: z
      .union([
        z.strictObject({
          images: z
            .record(text, z.union([text, z.array(text).min(1, 'must not be empty')]))
            .optional()
            .describe(
              'What runs in place of an image that is not built here: a line for the shell, or a list of a program and its arguments. PORT is the local port of the first container port, PORT_6379 that of 6379.',
            ),
        }),
        z.null(),
      ])
      .optional()
      .describe('No cluster: each container runs as a process on this machine. `{}` takes every default.'),
  })
  .meta({ minProperties: 1, maxProperties: 1 })

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

const variable = z.union([
  scalar,
  z.strictObject({
    env: variableName.describe('The environment variable that has the value.'),
    default: scalar.optional().describe('The value when the environment variable is not set.'),
  }),
])

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

const rollout = z.strictObject({
  fast: z
    .boolean()
    .optional()
    .describe(
      'Readiness and startup probes that ask every second from the start, no minReadySeconds, a short end where the next pod waits for it. Default: false.',
    ),
})

const serviceSchema = z.strictObject({
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

const forwards = z.array(z.union([text, forward]))

/** Which of these is there says what the entry is; `checkManifests` sees to it that it is one, and that the other keys go with it. */
export const manifestKinds = ['path', 'kustomize', 'helm', 'command'] as const

const manifest = z
  .strictObject({
    path: filePath
      .optional()
      .describe(
        'A folder, file or glob, relative to this file. In a folder, kustomizations and charts are rendered.',
      ),
    kustomize: filePath.optional().describe('A folder with a kustomization, relative to this file.'),
    helm: filePath.optional().describe('A chart: its folder or package, relative to this file.'),
    command: z
      .union([text, z.array(text).min(1, 'must not be empty')])
      .optional()
      .describe(
        'What prints YAML documents: a line for the shell, or a list of a program and its arguments.',
      ),
    exclude: z
      .array(text)
      .optional()
      .describe('Globs of files to leave out, relative to the folder. Only with path.'),
    substitute: z
      .boolean()
      .optional()
      .describe('Replace the declared variables in these files. Default: true. Only with path.'),
    name: name.optional().describe('What messages call it. Only with kustomize and command.'),
    namespace: dnsLabel
      .optional()
      .describe('The namespace of its objects that name none. Not with path. Default: that of the project.'),
    release: helmRelease
      .optional()
      .describe("The name of the release. Default: the name of the chart's folder. Only with helm."),
    values: z
      .union([filePath, z.array(filePath)])
      .optional()
      .describe('Values files, relative to this file; a later one wins. Only with helm.'),
    set: z
      .record(text, scalar)
      .optional()
      .describe('Single values by their path, as in `auth.rootPassword: secret`. Only with helm.'),
    cwd: filePath
      .optional()
      .describe(
        "The folder to run in, relative to this file. Default: this file's folder. Only with command.",
      ),
    inputs: z
      .array(filePath)
      .optional()
      .describe(
        'Files, folders and globs that the output of the command depends on, relative to this file. Default: none, and it runs at each render.',
      ),
  })
  .meta({ oneOf: manifestKinds.map(key => ({ required: [key] })) })

const manifestSource = z.union([filePath, manifest])

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
export type ManifestInput = z.output<typeof manifest>
export type ServiceInput = z.output<typeof serviceSchema>
