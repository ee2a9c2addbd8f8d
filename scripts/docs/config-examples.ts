/** An example for each key of the config's top, which together have every key. */
export const configExamples: Readonly<Record<string, string>> = {
  version: 'version: 1',
  include: 'include: [teams/*/dev.config.yaml]',
  profiles: `
profiles:
  ci:
    activation: [{ env: CI=true }, { context: kind-.*, command: [up, deploy] }]
    gateway: { port: 0 }
    services: { tour: { target: ci } }
    patches:
      - { op: replace, path: /build/concurrency, value: 1 }
      - { op: remove, path: /services/mock }
`,
  name: 'name: tours',
  cluster: `
cluster:
  kind: { name: tours, create: true, image: kindest/node:v1.34.0, config: kind.yaml }
---
cluster:
  minikube: { profile: tours, create: true }
---
cluster:
  k3d: { name: tours, create: true, image: rancher/k3s:v1.34.1-k3s1, config: k3d.yaml }
---
cluster:                        # any other cluster, by its name alone
  context: { name: staging, allow: true, registry: registry.example.com/dev }
---
cluster:                        # none: each container is a process of this machine
  process:
    images:
      redis:7-bookworm: redis-server --port $PORT
      nats:2-scratch: [nats-server, --port, $(PORT_4222), --http_port, $(PORT_8222)]
`,
  namespace: `
namespace: { default: tours, create: true, override: false }
`,
  variables: `
variables:
  LEVEL: debug
  TARGET_NAMESPACE: { env: TARGET_NAMESPACE, default: tours }
`,
  storageClasses: `
storageClasses: { nfs: standard, cinder: standard }
`,
  services: `
services:
  base: {}
  tour:
    context: services/tour
    dockerfile: Dockerfile.dev
    image: pusan/tour
    target: dev
    platform: linux/amd64
    buildArgs: { NODE_ENV: development, COMMIT: { env: GIT_COMMIT, default: none } }
    secrets: [{ id: npmrc, file: ~/.npmrc }, { id: token, env: NPM_TOKEN }]
    requires: [{ service: base, arg: BASE_IMAGE }]
    workloads: [deployment/tour-depl]   # only where the image's name does not say it
    container: tour
    rollout: { fast: false }
    watch: { extra: [../../packages/shared], ignore: ['**/*.test.ts'] }
    dependsOn: [base, statefulset/mysql, { http: 'http://config:8888/actuator/health', timeout: 3m }, { tcp: 'mysql:3306' }]
    sync:
      - { match: 'src/**', strip: src, to: /app/src, then: restart }
      - { match: 'locales/**', to: /app, then: { run: kill -HUP 1 } }
    hooks:
      beforeBuild: { run: ./mvnw -q package, inputs: [src, pom.xml], outputs: [target/*.war], lock: maven, cwd: ., env: { MAVEN_OPTS: -Xmx1g }, os: [linux, darwin], timeout: 5m }
      afterBuild: ./scan.sh
      beforeSync: npm run lint
      afterSync: { run: kill -HUP 1, container: true }
      beforeDeploy: ./check.sh
      afterDeploy: [{ run: npm run migrate, container: tour, workload: deployment/tour-depl }]
`,
  hooks: `
hooks:
  beforeRender: ./generate.sh
  afterRender: ./policy.sh
  beforeBuild: npm run proto
  afterBuild: ./report.sh
  beforeSync: npm run lint
  afterSync: ./notify.sh
  beforeDeploy: ./check.sh
  afterDeploy: npm run seed
`,
  manifests: `
manifests:
  - { path: k8s, exclude: ['logging/**'], substitute: true }
  - { kustomize: overlays/dev, name: environments }
  - { helm: charts/mysql, release: db, namespace: db, values: [values.dev.yaml], set: { auth.rootPassword: secret } }
  - { command: node render.js, inputs: [render.js, templates], cwd: tools }
`,
  replace: `
replace:
  - { kind: Rollout, path: 'spec.template.spec.containers[*].image' }
`,
  preload: 'preload: [redis:7-bookworm]',
  hosts: 'hosts: [tour.xyz]',
  gateway: 'gateway: { port: 8080 }',
  portForward: `
portForward:
  - service/tour-srv:3000
  - { to: statefulset/mysql, port: 3306, local: 13306, namespace: db, address: 127.0.0.1 }
---
portForward: { auto: false, forwards: [pod/mysql-0:3306] }
---
portForward: off
`,
  build: 'build: { concurrency: 2 }',
  logs: "logs: { ignore: ['GET /healthz'] }",
  waitTimeout: 'waitTimeout: 3m',
  rollout: 'rollout: { fast: true }',
  prune: 'prune: ask',
  onExit: 'onExit: keep',
}
