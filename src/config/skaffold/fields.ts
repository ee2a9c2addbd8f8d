import type { Verdict } from './translation.js'

/** A field of `skaffold.yaml`, of any version from v2beta1 on, and what becomes of it. It speaks for all fields below it, too. */
export interface SkaffoldField {
  /** `build.artifacts[].image`; profiles have the same fields below `profiles[]`. */
  readonly field: string
  readonly verdict: Verdict
  /** What it becomes; why it does not, and what to do instead. */
  readonly text: string
  /** `always`: a file that has it hears of it; `where-it-matters`: the translation says so itself, if its value is one that is not translated. */
  readonly told: 'never' | 'where-it-matters' | 'always'
  /** Whether anything that runs is other than with Skaffold. */
  readonly lost: boolean
}

/** Translated whatever its value. */
const yes = (field: string, text: string): SkaffoldField => ({
  field,
  verdict: 'translated',
  text,
  told: 'never',
  lost: false,
})
/** Translated, but for some values, which the translation tells of. */
const partly = (field: string, text: string): SkaffoldField => ({
  field,
  verdict: 'partly',
  text,
  told: 'where-it-matters',
  lost: true,
})
/** Not translated, and missed. */
const no = (field: string, text: string): SkaffoldField => ({
  field,
  verdict: 'not',
  text,
  told: 'always',
  lost: true,
})
/** Not translated, for devloop does the same without, or what it changes does not matter there. */
const needless = (field: string, text: string): SkaffoldField => ({
  field,
  verdict: 'not',
  text,
  told: 'always',
  lost: false,
})

const ELSEWHERE = 'devloop builds with the Docker of this machine'
const FOR_TESTS =
  'devloop runs no tests itself: `devloop up --once -- COMMAND` runs yours when everything is live'
const KANIKO = 'a matter of Kaniko; the image is built by Docker'
const KPT =
  'devloop does not run kpt; render with it in an entry of manifests: { command: [kpt, fn, render, …] }'
const SELECTOR_LABELS = 'devloop knows its objects by its journal, and puts no labels into them for that'
const APPLY = 'devloop applies by the API (server-side apply), not with kubectl'
const RELEASE =
  'no release is kept: charts are rendered by `helm template`, and their objects applied like all others'

/** Every field that devloop knows of, in the order of the docs. */
export const skaffoldFields: readonly SkaffoldField[] = [
  yes('apiVersion', 'which version is read'),
  yes('kind', 'that it is a config'),
  partly(
    'metadata.name',
    '`name`, with letters that a name of devloop may have; of several modules in a file, none',
  ),
  needless('metadata.labels', 'labels of the config itself'),
  needless('metadata.annotations', 'annotations of the config itself'),
  // Other files.
  yes('requires[].path', 'the services, manifests and the rest of that file are part of the same config'),
  yes('requires[].configs', 'only these modules of the file are taken'),
  yes('requires[].activeProfiles', 'a profile brings those of the other modules with it'),
  no('requires[].git', 'devloop fetches nothing; clone it (a submodule), and name it by `path`'),
  no('requires[].googleCloudStorage', 'devloop fetches nothing; copy it here, and name it by `path`'),
  no('requires[].googleCloudBuildRepoV2', 'devloop fetches nothing; clone it, and name it by `path`'),
  // Build.
  yes('build.artifacts[].image', '`image`; the service has the last part of its name'),
  yes('build.artifacts[].context', '`context`'),
  yes('build.artifacts[].workspace', '`context` (the old name)'),
  yes(
    'build.artifacts[].docker.dockerfile',
    '`dockerfile`, from the context or from the folder of `skaffold.yaml`, as Skaffold finds it',
  ),
  yes('build.artifacts[].docker.target', '`target`'),
  partly(
    'build.artifacts[].docker.buildArgs',
    '`buildArgs`; `{{.NAME}}`, with or without a default, is `{ env: NAME }`, and so is an argument without a value; other functions of templates are not known',
  ),
  yes('build.artifacts[].docker.secrets', '`secrets`'),
  yes('build.artifacts[].docker.secret', '`secrets`'),
  no(
    'build.artifacts[].docker.ssh',
    'devloop hands on no SSH agent; use a build secret, or fetch what needs it in a hook beforeBuild',
  ),
  no(
    'build.artifacts[].docker.network',
    'steps of a build have the network of the engine; set another one there',
  ),
  no(
    'build.artifacts[].docker.addHost',
    'name the host by its address in the Dockerfile or a build argument',
  ),
  needless('build.artifacts[].docker.cacheFrom', "the engine's own build cache is used"),
  needless(
    'build.artifacts[].docker.noCache',
    'an image is built only when what it is made of changed; `docker builder prune` empties the cache',
  ),
  needless(
    'build.artifacts[].docker.pullParent',
    'a base image that is not here is pulled; `docker pull` brings a newer one',
  ),
  needless('build.artifacts[].docker.squash', 'layers are what makes the next load quick'),
  no(
    'build.artifacts[].docker.cliFlags',
    'there is no docker command line: the engine is spoken to by its API',
  ),
  yes('build.artifacts[].kaniko.dockerfile', '`dockerfile`, built by Docker'),
  yes('build.artifacts[].kaniko.target', '`target`, built by Docker'),
  partly('build.artifacts[].kaniko.buildArgs', '`buildArgs`, built by Docker, as those of docker'),
  ...[
    'buildContextCompressionLevel',
    'cache',
    'cleanup',
    'contextSubPath',
    'copyMaxRetries',
    'copyTimeout',
    'destination',
    'digestFile',
    'env',
    'flags',
    'force',
    'ignorePaths',
    'image',
    'imageFSExtractRetry',
    'imageNameWithDigestFile',
    'imagePullSecret',
    'initImage',
    'insecure',
    'insecurePull',
    'insecureRegistry',
    'label',
    'logFormat',
    'logTimestamp',
    'noPush',
    'ociLayoutPath',
    'pushRetry',
    'registryCertificate',
    'registryMirror',
    'reproducible',
    'singleSnapshot',
    'skipTLS',
    'skipTLSVerifyPull',
    'skipTLSVerifyRegistry',
    'skipUnusedStages',
    'snapshotMode',
    'tarPath',
    'useNewRun',
    'verbosity',
    'volumeMounts',
    'whitelistVarRun',
  ].map(key =>
    (key === 'contextSubPath' || key === 'env' || key === 'volumeMounts' ? no : needless)(
      `build.artifacts[].kaniko.${key}`,
      KANIKO,
    ),
  ),
  ...['bazel', 'buildpacks', 'buildpack', 'custom', 'jib', 'ko'].map(builder =>
    partly(
      `build.artifacts[].${builder}`,
      'the Dockerfile in the folder of the artifact is built, if there is one; else the artifact is left out',
    ),
  ),
  partly('build.artifacts[].platforms', '`platform`, where there is one'),
  needless('build.artifacts[].runtimeType', '`devloop debug` finds it out'),
  partly(
    'build.artifacts[].requires',
    '`requires`: `image` is the service, `alias` the argument, which must be a name that an ARG can have',
  ),
  partly(
    'build.artifacts[].hooks',
    '`hooks.beforeBuild` and `hooks.afterBuild` of the service: `command`, `dir` and `os`',
  ),
  partly(
    'build.artifacts[].sync.manual',
    '`sync`: `src` is `match`, `strip` stays, `dest` is `to`; a relative `dest` counts from the WORKDIR, if the Dockerfile sets one',
  ),
  partly('build.artifacts[].sync.infer', '`sync`: rules are made from the COPY and ADD of the last stage'),
  partly('build.artifacts[].sync.auto', '`false` is no sync; `true` is for Jib and Buildpacks alone'),
  yes(
    'build.artifacts[].sync.hooks',
    '`hooks.beforeSync` and `hooks.afterSync` of the service, on this machine or in the container',
  ),
  partly('build.platforms', '`platform` of each service, where there is one'),
  partly(
    'build.hooks',
    '`hooks.beforeBuild` and `hooks.afterBuild`: they run with each image that is built, not once for all',
  ),
  needless('build.insecureRegistries', 'images go to the nodes without a registry'),
  needless(
    'build.tagPolicy',
    'an image is named by the digest of what was built, so that a tag never means two things',
  ),
  partly(
    'build.local.push',
    '`false` is what devloop does; `true` only where `cluster.context.registry` names a registry',
  ),
  partly(
    'build.local.concurrency',
    '`build.concurrency`; there is always a limit, so that 0 is not translated',
  ),
  partly('build.local.useBuildkit', '`true` is what devloop does where the engine has it'),
  needless('build.local.useDockerCLI', 'the engine is spoken to by its API'),
  needless('build.local.tryImportMissing', 'an image that was built before is found by what it was made of'),
  no('build.googleCloudBuild', ELSEWHERE),
  no('build.cluster', ELSEWHERE),
  // Manifests.
  partly(
    'manifests.rawYaml',
    '`manifests`, each path or glob as it is; addresses (http, gs) are not fetched',
  ),
  partly(
    'manifests.kustomize.paths',
    '`manifests: [{ kustomize: … }]`; one that is an address is rendered by `kubectl kustomize` as a command',
  ),
  yes(
    'manifests.kustomize.buildArgs',
    '`manifests: [{ command: [kubectl, kustomize, …] }]` with these arguments',
  ),
  ...['manifests.helm', 'deploy.helm'].flatMap(helm => [
    yes(`${helm}.releases[].name`, '`release`'),
    partly(
      `${helm}.releases[].chartPath`,
      '`helm`; dependencies of the chart must be there, for devloop writes nothing into charts',
    ),
    partly(
      `${helm}.releases[].remoteChart`,
      '`command: [helm, template, …]`: hook Jobs of the chart do not run at their time',
    ),
    yes(`${helm}.releases[].remote`, '`chartPath` is that of a remote chart'),
    yes(`${helm}.releases[].repo`, '`--repo` of that command'),
    yes(`${helm}.releases[].version`, '`--version` of that command; a chart that is here has its own'),
    yes(`${helm}.releases[].valuesFiles`, '`values`'),
    yes(`${helm}.releases[].setValues`, '`set`, with the types that helm would read'),
    partly(
      `${helm}.releases[].setValueTemplates`,
      '`set`: variables of images become the image as the manifests are to have it, others their value',
    ),
    partly(`${helm}.releases[].setFiles`, '`--set-file` of `command: [helm, template, …]`'),
    partly(`${helm}.releases[].overrides`, '`set`; an empty value is not'),
    yes(`${helm}.releases[].artifactOverrides`, '`set`, with the image as the manifests are to have it'),
    yes(
      `${helm}.releases[].values`,
      '`set`, with the image as the manifests are to have it (the old name of artifactOverrides)',
    ),
    yes(`${helm}.releases[].imageStrategy`, 'which values get the parts of the image'),
    yes(`${helm}.releases[].namespace`, '`namespace` of the entry'),
    yes(`${helm}.releases[].createNamespace`, 'a namespace that an entry names is made where it is missing'),
    needless(
      `${helm}.releases[].dependsOn`,
      'releases are applied in the order of the config; `dependsOn` of a service waits for what is live',
    ),
    no(
      `${helm}.releases[].useHelmSecrets`,
      'decrypt the values in an entry of manifests: { command: [helm, secrets, template, …] }',
    ),
    needless(`${helm}.releases[].packaged`, RELEASE),
    needless(`${helm}.releases[].recreatePods`, RELEASE),
    needless(
      `${helm}.releases[].skipBuildDependencies`,
      'devloop never writes into charts: `helm dependency build` is yours to run',
    ),
    needless(`${helm}.releases[].skipTests`, 'test hooks of a chart are not run'),
    needless(`${helm}.releases[].upgradeOnChange`, RELEASE),
    needless(
      `${helm}.releases[].wait`,
      'devloop shows each workload until it is ready, and holds up nothing but what depends on it',
    ),
    partly(`${helm}.flags.global`, 'arguments of `command: [helm, template, …]`'),
    partly(`${helm}.flags.template`, 'arguments of `command: [helm, template, …]`'),
    needless(`${helm}.flags.depBuild`, 'devloop never writes into charts'),
    needless(`${helm}.flags.install`, RELEASE),
    needless(`${helm}.flags.upgrade`, RELEASE),
    needless(`${helm}.concurrency`, RELEASE),
    partly(
      `${helm}.hooks`,
      '`hooks.beforeDeploy` and `hooks.afterDeploy`; a container is named by its workload, not by a pattern',
    ),
  ]),
  partly('manifests.hooks.before[].host', '`hooks.beforeRender`'),
  partly('manifests.hooks.after[].host', '`hooks.afterRender`'),
  no('manifests.kpt', KPT),
  no('manifests.transform', KPT),
  no('manifests.validate', KPT),
  needless('manifests.output', '`devloop render` prints them'),
  no(
    'manifests.remoteManifests',
    'devloop applies what is here; write it to a file with `kubectl get -o yaml`',
  ),
  partly('deploy.kubectl.manifests', '`manifests`, as manifests.rawYaml'),
  partly('deploy.kustomize.paths', '`manifests`, as manifests.kustomize.paths'),
  yes('deploy.kustomize.buildArgs', '`manifests`, as manifests.kustomize.buildArgs'),
  // Deploy.
  ...['kubectl', 'kustomize'].flatMap(deployer => [
    yes(`deploy.${deployer}.defaultNamespace`, '`namespace`'),
    needless(`deploy.${deployer}.flags`, APPLY),
    partly(
      `deploy.${deployer}.hooks`,
      '`hooks.beforeDeploy` and `hooks.afterDeploy`; a container is named by its workload, not by a pattern',
    ),
  ]),
  no(
    'deploy.kubectl.remoteManifests',
    'devloop applies what is here; write it to a file with `kubectl get -o yaml`',
  ),
  yes(
    'deploy.kubeContext',
    '`cluster`: kind, minikube, k3d, or the context by its name, which you must allow',
  ),
  needless('deploy.statusCheck', 'devloop shows each workload until it is ready, and goes on meanwhile'),
  yes('deploy.statusCheckDeadlineSeconds', '`waitTimeout`'),
  needless(
    'deploy.tolerateFailuresUntilDeadline',
    'a workload that fails is shown at once, and is live when it recovers; the loop never ends for it',
  ),
  needless('deploy.logs', 'logs are shown as they are, with their service; JSON is opened in the log view'),
  no('deploy.kpt', KPT),
  no('deploy.docker', 'devloop runs on Kubernetes; use docker compose for these images'),
  no('deploy.cloudrun', 'devloop runs on Kubernetes'),
  partly(
    'portForward[].resourceType',
    '`portForward[].to`: service, pod, deployment, statefulset, daemonset and job',
  ),
  yes('portForward[].resourceName', '`portForward[].to`'),
  yes('portForward[].namespace', '`portForward[].namespace`'),
  yes('portForward[].port', '`portForward[].port`'),
  yes('portForward[].address', '`portForward[].address`'),
  yes('portForward[].localPort', '`portForward[].local`'),
  partly(
    'resourceSelector.allow[].groupKind',
    '`replace[].kind`, the kind without its group; one that is a pattern is not',
  ),
  partly(
    'resourceSelector.allow[].image',
    '`replace[].path`, with `[*]` for `*`; of `.*` only the containers of spec.template',
  ),
  needless('resourceSelector.allow[].labels', SELECTOR_LABELS),
  needless('resourceSelector.allow[].podSpec', '`devloop debug` finds the pods of a service itself'),
  needless('resourceSelector.deny[].groupKind', 'what kinds the fields beside it are of'),
  no(
    'resourceSelector.deny[].image',
    'an image that is built here is replaced wherever a pod or `replace` names it',
  ),
  needless('resourceSelector.deny[].labels', SELECTOR_LABELS),
  needless('resourceSelector.deny[].podSpec', '`devloop debug` finds the pods of a service itself'),
  no('test', FOR_TESTS),
  no('verify', FOR_TESTS),
  no('customActions', 'a script of yours can do it; a hook runs it with build, sync, render or deploy'),
  // Profiles.
  yes('profiles[].name', 'the name of the profile'),
  partly('profiles[].activation[].env', '`activation[].env`'),
  yes('profiles[].activation[].kubeContext', '`activation[].context`'),
  partly(
    'profiles[].activation[].command',
    '`activation[].command`: dev and run are up, delete is down, the others have their own names',
  ),
  partly(
    'profiles[].requiresAllActivations',
    'one entry of `activation` with all of them; it can have one variable, one context and one command',
  ),
  partly('profiles[].patches', '`patches`: what they change in the config'),
]
