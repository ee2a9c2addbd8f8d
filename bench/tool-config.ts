import type { GeneratedService } from './generate.js'
import type { ToolName } from './tools.js'

/** What a tool's config must say. */
export interface ToolConfigOptions {
  readonly tool: ToolName
  readonly services: readonly GeneratedService[]
  readonly namespace: string
  readonly context: string
  readonly cluster: string
  /** The port of devloop's gateway. */
  readonly gatewayPort: number
  /** What happens after the source was brought into the container: only devloop starts a process anew. Undefined: no sync. */
  readonly sync: 'restart' | 'nothing' | undefined
}

/** The config of a tool with the tool's own defaults wherever it has any: its file's name in the project, and its text. */
export function toolConfig(options: ToolConfigOptions): { readonly file: string; readonly text: string } {
  switch (options.tool) {
    case 'devloop':
      return { file: 'dev.config.yaml', text: devloopConfig(options) }
    case 'skaffold':
      return { file: 'skaffold.yaml', text: skaffoldConfig(options) }
    case 'tilt':
      return { file: 'Tiltfile', text: tiltfile(options) }
  }
}

function devloopConfig({ services, namespace, cluster, gatewayPort, sync }: ToolConfigOptions): string {
  const rule =
    sync === undefined
      ? ''
      : `, sync: [{ match: 'src/**', to: /app${sync === 'restart' ? ', then: restart' : ''} }]`
  return `name: ${namespace}
cluster: { kind: ${cluster} }
namespace: ${namespace}
services:
${services.map(({ name, image }) => `  ${name}: { context: services/${name}, image: ${image}${rule} }`).join('\n')}
manifests: k8s
gateway: { port: ${gatewayPort} }
`
}

/** No git repository is around the project, so tags do not come from a commit; images go to the nodes by `kind load`. */
function skaffoldConfig({ services, namespace, sync }: ToolConfigOptions): string {
  const rule = sync === undefined ? '' : ", sync: { manual: [{ src: 'src/**', dest: . }] }"
  return `apiVersion: skaffold/v4beta11
kind: Config
metadata: { name: ${namespace} }
build:
  tagPolicy: { sha256: {} }
  local: { push: false }
  artifacts:
${services.map(({ name, image }) => `    - { image: ${image}, context: services/${name}${rule} }`).join('\n')}
manifests:
  rawYaml: ['k8s/*.yaml']
deploy:
  kubectl: {}
`
}

function tiltfile({ services, context, sync }: ToolConfigOptions): string {
  const rule = (name: string) =>
    sync === undefined ? '' : `, live_update=[sync('services/${name}/src', '/app/src')]`
  return `analytics_settings(False)
allow_k8s_contexts('${context}')
${services.map(({ name, image }) => `docker_build('${image}', 'services/${name}'${rule(name)})`).join('\n')}
k8s_yaml([${services.map(({ name }) => `'k8s/${name}.yaml'`).join(', ')}])
`
}
