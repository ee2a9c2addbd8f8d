import * as z from 'zod'
import { dnsLabel, filePath, name, scalar, text } from './schema-parts.js'

const HELM_RELEASE = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/

const helmRelease = z
  .string()
  .max(53, 'must be at most 53 long')
  .regex(
    HELM_RELEASE,
    'must be lower-case letters, digits, "." or "-", and begin and end with a letter or digit',
  )

/** Which of these is there says what the entry is; `checkManifests` sees to it that it is one, and that the other keys go with it. */
export const manifestKinds = ['path', 'kustomize', 'helm', 'command'] as const

/** One entry of `manifests`. */
export const manifest = z
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

export const manifestSource = z.union([filePath, manifest])

export type ManifestInput = z.output<typeof manifest>
