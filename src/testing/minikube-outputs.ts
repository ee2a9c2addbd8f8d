// What minikube prints. The profile is from kubernetes/minikube#9996 (fields that are not read are left out), statuses from
// kubernetes/minikube#6808 and the struct and exit codes of its cmd/minikube/cmd/status.go, docker-env from its docker-env_test.go, image
// lists from the struct ListImage of its pkg/minikube/cruntime and #12996. No minikube was run for these.

/** `minikube profile list -o json` with one profile. */
export const profileList = (
  change: {
    readonly name?: string
    readonly driver?: string
    readonly runtime?: string
    readonly nodes?: readonly object[]
    readonly forwardedPort?: number
    readonly sharedAddress?: string
  } = {},
): string => {
  const name = change.name ?? 'minikube'
  return `${JSON.stringify({
    invalid: [],
    valid: [
      {
        Name: name,
        Status: 'Skipped',
        Config: {
          Name: name,
          KeepContext: false,
          EmbedCerts: false,
          MinikubeISO: '',
          Memory: 3890,
          CPUs: 2,
          DiskSize: 20000,
          VMDriver: '',
          Driver: change.driver ?? 'docker',
          DockerEnv: null,
          APIServerPort: change.forwardedPort ?? 0,
          KubernetesConfig: {
            KubernetesVersion: 'v1.20.0',
            ClusterName: name,
            Namespace: 'default',
            ...(change.sharedAddress === undefined ? {} : { APIServerHAVIP: change.sharedAddress }),
            APIServerName: 'minikubeCA',
            ContainerRuntime: change.runtime ?? 'docker',
            CRISocket: '',
          },
          Nodes: change.nodes ?? [
            {
              Name: '',
              IP: '192.168.49.2',
              Port: 8443,
              KubernetesVersion: 'v1.20.0',
              ControlPlane: true,
              Worker: true,
            },
          ],
        },
      },
    ],
  })}\n`
}

const status = (host: string, kubelet: string, apiServer: string, kubeconfig: string, worker = false) =>
  ({
    Name: worker ? 'minikube-m02' : 'minikube',
    Host: host,
    Kubelet: kubelet,
    APIServer: apiServer,
    Kubeconfig: kubeconfig,
    Worker: worker,
  }) as const

const worker = status('Running', 'Running', 'Irrelevant', 'Irrelevant', true)
const runningNode = status('Running', 'Running', 'Running', 'Configured')

/** `minikube status -o json`, with the exit codes that go with it. */
export const statuses = {
  running: { stdout: JSON.stringify(runningNode) },
  severalNodes: { stdout: JSON.stringify([runningNode, worker]) },
  paused: {
    stdout: '{"Host":"Running","Kubelet":"Stopped","APIServer":"Paused","Kubeconfig":"Configured"}',
    exitCode: 2,
  },
  stopped: { stdout: JSON.stringify(status('Stopped', 'Stopped', 'Stopped', 'Stopped')), exitCode: 7 },
  machineGone: {
    stdout: JSON.stringify(status('Nonexistent', 'Nonexistent', 'Nonexistent', 'Nonexistent')),
    exitCode: 7,
  },
  notFound: {
    stderr:
      '🤷  Profile "minikube" not found. Run "minikube profile list" to view all profiles.\n👉  To start a cluster, run: "minikube start"\n',
    exitCode: 85,
  },
  broken: { stderr: '❌  Exiting due to HOST_CONFIG_LOAD: Error getting cluster config\n', exitCode: 30 },
} as const

/** `minikube docker-env --shell none`. */
export const dockerEnv = `DOCKER_TLS_VERIFY=1
DOCKER_HOST=tcp://127.0.0.1:32842
DOCKER_CERT_PATH=/home/me/.minikube/certs
MINIKUBE_ACTIVE_DOCKERD=minikube
`

/** `minikube image ls --format json`. */
export const imageList = (
  ...images: readonly { readonly id: string; readonly tags: readonly string[] }[]
): string =>
  `${JSON.stringify([
    {
      id: '0048118155842e4c91f0498dd298b8e93dc3aecc7052d9882b76f48e311a76ba',
      repoDigests: [
        'k8s.gcr.io/etcd@sha256:9ce33ba33d8e738a5b85ed50b5080ac746deceed4a7496c550927a7a19ca3b6d',
      ],
      repoTags: ['k8s.gcr.io/etcd:3.5.0-0'],
      size: '296000000',
    },
    ...images.map(({ id, tags }) => ({ id, repoDigests: [], repoTags: tags, size: '1240000' })),
  ])}\n`
