import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { SkaffoldFinding } from '../../config/skaffold/translation.js'
import { exitCodes } from '../../core/exit-code.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Choose } from '../choose.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import { decideInit, guess } from '../decide-init.js'
import type { CommandIo } from '../io.js'
import { projectFiles } from '../project-files.js'
import { untranslatedLines } from '../tell-untranslated.js'
import { writeConfigFile } from '../write-config-file.js'

const CONFIG = 'dev.config.yaml'
const SKAFFOLD = ['skaffold.yaml', 'skaffold.yml']

export interface InitOptions {
  /** A `skaffold.yaml`. */
  readonly file?: string
  readonly yes?: true
  readonly force?: true
  readonly print?: true
}

/** Writes a config from a `skaffold.yaml`, or from what the folder has. */
export async function init(io: CommandIo, options: InitOptions): Promise<CommandEnd> {
  const skaffold =
    options.file === undefined
      ? SKAFFOLD.map(name => join(io.cwd, name)).find(path => existsSync(path))
      : resolve(io.cwd, options.file)
  const folder = skaffold === undefined ? io.cwd : dirname(skaffold)
  const target = join(folder, CONFIG)
  if (options.print !== true && options.force !== true && existsSync(target))
    return {
      kind: 'usage-invalid',
      message: `there is a ${CONFIG} in ${folder} already`,
      hint: '--force writes over it; --print shows what would be written.',
    }
  const made = await (skaffold === undefined ? fromFolder(io, options) : fromSkaffold(io, skaffold))
  if (!made.ok) return made.error
  const { text, summary } = made.value
  const wrong = await check(text, target, io)
  if (wrong !== undefined) return wrong
  if (options.print === true) {
    io.stdout.write(text)
    return exitCodes.ok
  }
  const failed = await writeConfigFile(io, target, { text, force: options.force === true })
  if (failed !== undefined) return failed
  for (const line of [...summary, `${relative(io.cwd, target)} is written; devloop up takes it from here`])
    io.stdout.write(`${line}\n`)
  return exitCodes.ok
}

interface Made {
  readonly text: string
  /** What is told besides. */
  readonly summary: readonly string[]
}

async function fromSkaffold(io: CommandIo, file: string): Promise<Result<Made>> {
  // What is wrong with the file itself is told at its own lines.
  const { loadConfig } = await import('../../config/load.js')
  const loaded = await loadConfig({ file, cwd: io.cwd, env: io.env })
  if (!loaded.ok) return loaded
  if (loaded.value.untranslated === undefined)
    return err({
      kind: 'usage-invalid',
      message: `${relative(io.cwd, file)} is no Skaffold file`,
      hint: 'Its apiVersion would be skaffold/…. Without --file, devloop init looks for one, or for Dockerfiles and manifests.',
    })
  const { loadSkaffold } = await import('../../config/skaffold/load-skaffold.js')
  const { writeYaml } = await import('../../config/skaffold/write-yaml.js')
  const { config, findings } = await loadSkaffold({
    file,
    text: await readFile(file, 'utf8'),
    env: io.env,
    live: false,
  })
  return ok({
    text: writeYaml(config, skaffoldHeader(file, findings)),
    summary: untranslatedLines(findings, io.cwd),
  })
}

function skaffoldHeader(file: string, findings: readonly SkaffoldFinding[]): readonly string[] {
  const lines = untranslatedLines(findings, dirname(file))
  return [
    `Written by devloop init from ${basename(file)}.`,
    ...(lines.length === 0
      ? []
      : ['', 'What is not, or not wholly, translated:', ...lines.map(line => `  ${line}`)].map(line =>
          `# ${line}`.trimEnd(),
        )),
  ]
}

async function fromFolder(io: CommandIo, { yes }: InitOptions): Promise<Result<Made>> {
  const [{ discover }, { pairImages }, { proposeConfig }, { writeYaml }] = await Promise.all([
    import('../../config/init/discover.js'),
    import('../../config/init/pair-images.js'),
    import('../../config/init/propose-config.js'),
    import('../../config/skaffold/write-yaml.js'),
  ])
  const files = await projectFiles(io.cwd, compose(io).runner)
  const facts = await discover(basename(io.cwd), files, path =>
    readFile(join(io.cwd, path), 'utf8').catch(() => undefined),
  )
  const { dockerfiles, manifests, kustomizations, charts } = facts
  if (dockerfiles.length + manifests.length + kustomizations.length + charts.length === 0)
    return err({
      kind: 'usage-invalid',
      message: `there are no Dockerfiles and no manifests in ${io.cwd}`,
      hint: 'Run devloop init in the folder of the project, or write dev.config.yaml: "services: { web: {} }" builds ./web/Dockerfile.',
    })
  const asked: string[] = []
  const nobody: Choose = async question => {
    asked.push(question)
    return 'left'
  }
  const decisions = await decideInit(
    facts,
    pairImages(dockerfiles, facts.images),
    yes === true ? guess : (io.choose ?? nobody),
  )
  const [question] = asked
  if (question !== undefined)
    return err({
      kind: 'usage-invalid',
      message: `devloop init asks "${question}", and this is no terminal`,
      hint: 'devloop init --yes takes the best guess.',
    })
  if (decisions === undefined) return err({ kind: 'cancelled' })
  return ok({
    text: writeYaml(proposeConfig(facts, decisions), [
      'Written by devloop init. `devloop validate` checks it.',
    ]),
    summary: decisions.pairs.map(({ dockerfile, image }) => `${dockerfile.path} builds ${image.image}`),
  })
}

/** Whether what is about to be written is a config. */
async function check(text: string, file: string, io: CommandIo): Promise<Problem | undefined> {
  const { parseConfig } = await import('../../config/parse.js')
  const parsed = parseConfig({
    text,
    file,
    env: io.env,
    home: io.home,
    cpus: availableParallelism(),
    defaultManifests: [],
  })
  return parsed.ok ? undefined : parsed.error
}
