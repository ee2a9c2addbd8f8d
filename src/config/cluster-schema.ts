import * as z from 'zod'
import { filePath, name, text } from './schema-parts.js'

const created = {
  create: z.boolean().optional().describe('Create the cluster when it is missing. Default: false.'),
  image: text.optional().describe('The node image of a cluster that devloop creates.'),
  config: filePath.optional().describe("A config file for the cluster's creation, relative to this file."),
}

/** `cluster`: exactly one of the kinds of place where the services can run. */
export const cluster = z
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
