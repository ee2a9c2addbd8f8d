/** Files of test projects. `NS` becomes the project's namespace, which is the prefix of its image names too. */

/** A tiny server of the files in a folder, which is up in well under a second. */
export const webDockerfile = `FROM busybox:1.35
COPY www /www
CMD ["httpd", "-f", "-p", "3000", "-h", "/www"]
`

export function config(services: string, more = ''): string {
  return `namespace: NS\ncluster: { kind: dev }\nservices:\n${services}\n${more}`
}

export interface WebOptions {
  readonly image?: string
  readonly nodePort?: number
  readonly replicas?: number
  /** More of the pod's spec, as flow mappings without the braces. */
  readonly pod?: string
  readonly container?: string
}

/** A Deployment, and a Service for it where a port is given. */
export function web(
  name: string,
  { image = `NS/${name}`, nodePort, replicas = 1, pod = '', container }: WebOptions = {},
): string {
  const settings =
    container ?? 'readinessProbe: { httpGet: { path: /index.html, port: 3000 }, periodSeconds: 1 }'
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { terminationGracePeriodSeconds: 1, ${pod} containers: [{ name: ${name}, image: ${image}, ${settings} }] }
`
  if (nodePort === undefined) return deployment
  return `${deployment}---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { type: NodePort, selector: { app: ${name} }, ports: [{ port: 3000, nodePort: ${nodePort} }] }
`
}
