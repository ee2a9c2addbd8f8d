import { webDockerfile } from './fixtures.js'

/** Nested kustomizations beside a chart and plain files, all in one folder: every way to render at once, as small as it can be. `NS` becomes the namespace. */
export const mixedFolderFiles: Readonly<Record<string, string>> = {
  'dev.config.yaml': `namespace: NS
cluster: { kind: dev }
services:
  # One is named as it is before the kustomization renames it, the other as it is after.
  board: { image: egovframe/board-service }
  portal: { image: NS/portal }
manifests: k8s
`,
  'board/Dockerfile': webDockerfile,
  'board/www/index.html': 'board one',
  'portal/Dockerfile': webDockerfile,
  'portal/www/index.html': 'portal one',
  'k8s/applications/kustomization.yaml': 'resources: [./backend, ./frontend]\n',
  'k8s/applications/backend/kustomization.yaml': `resources: [board-service]
components: [../../environments/labels]
images:
  - { name: egovframe/board-service, newName: registry.example.com/egov/board, newTag: v3 }
`,
  'k8s/applications/backend/board-service/kustomization.yaml': `resources: [deployment.yaml, service.yaml, autoscaler.yaml]
configMapGenerator:
  - { name: board-settings, files: [application.properties] }
patches:
  - path: replicas.yaml
`,
  'k8s/applications/backend/board-service/application.properties': 'theme=plain\n',
  'k8s/applications/backend/board-service/deployment.yaml': deployment(
    'board-service',
    'egovframe/board-service:latest',
    'envFrom: [{ configMapRef: { name: board-settings } }],',
  ),
  'k8s/applications/backend/board-service/replicas.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: board-service }\nspec: { replicas: 2 }\n',
  'k8s/applications/backend/board-service/service.yaml': service('board-service'),
  'k8s/applications/backend/board-service/autoscaler.yaml': `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: board-service }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: board-service }
  minReplicas: 1
  maxReplicas: 2
`,
  'k8s/applications/backend/board-service/notes.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata: { name: of-nobody }\n',
  'k8s/applications/frontend/kustomization.yaml': `resources: [portal/deployment.yaml, portal/service.yaml]
images:
  - { name: egovframe/portal, newName: NS/portal }
`,
  'k8s/applications/frontend/portal/deployment.yaml': deployment('portal', 'egovframe/portal:latest'),
  'k8s/applications/frontend/portal/service.yaml': service('portal'),
  'k8s/environments/labels/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
labels: [{ pairs: { tier: backend } }]
`,
  'k8s/environments/databases/mysql/Chart.yaml': 'apiVersion: v2\nname: mysql\nversion: 0.1.0\n',
  'k8s/environments/databases/mysql/values.yaml': 'greeting: hello\n',
  'k8s/environments/databases/mysql/templates/NOTES.txt':
    'Reach it as {{ .Release.Name }} in {{ .Release.Namespace }}.\n',
  'k8s/environments/databases/mysql/templates/schema.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-schema
  annotations: { "helm.sh/hook": "pre-install,pre-upgrade", "helm.sh/hook-weight": "-5" }
data: { greeting: {{ .Values.greeting }} }
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-schema
  annotations: { "helm.sh/hook": "pre-install,pre-upgrade" }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - { name: schema, image: 'busybox:1.35', command: [sh, -c, 'sleep 2; echo {{ .Values.greeting }}'] }
`,
  'k8s/environments/databases/mysql/templates/db.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { greeting: {{ .Values.greeting }} }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: {{ .Release.Name }} }
spec:
  serviceName: {{ .Release.Name }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: db, image: 'busybox:1.35', command: [sleep, '100000'] }]
`,
  'k8s/environments/databases/mysql/templates/after.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-after
  annotations: { "helm.sh/hook": post-install }
spec:
  template:
    spec: { restartPolicy: Never, containers: [{ name: after, image: 'busybox:1.35', command: ['true'] }] }
`,
  'k8s/environments/databases/mysql/templates/tests/connection.yaml': `apiVersion: v1
kind: Pod
metadata: { name: {{ .Release.Name }}-test, annotations: { "helm.sh/hook": test } }
spec: { containers: [{ name: test, image: 'busybox:1.35' }] }
`,
  'k8s/storage/claims.yaml': `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: uploads }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
`,
}

function deployment(name: string, image: string, more = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: web, image: '${image}', ${more} readinessProbe: { httpGet: { path: /index.html, port: 3000 }, periodSeconds: 1 } }]
`
}

function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, targetPort: 3000 }] }
`
}
