import type { ManifestObject } from '../kube-object.js'

/** The namespace of the config, which no manifest makes. Its place is the config file, for that is where it was asked for. */
export function namespaceObject(name: string, configFile: string): ManifestObject {
  return {
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    source: { file: configFile, line: 1, column: 1, endLine: 1, endColumn: 1 },
  }
}
