import { stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { glob } from 'tinyglobby'
import { rangeAt } from '../../core/manifest/line-range.js'
import { manifestPath } from '../../core/manifest/manifest-path.js'
import type { SourceRange } from '../../core/problem.js'
import type { CommandManifests } from '../../core/project.js'
import { fingerprintOf, readAll } from './read-inputs.js'
import { failedOutput, type Root, type RootContext, type RootOutput } from './root.js'

/** A command of the user's own as a root: it prints YAML documents. */
export function commandRoot(spec: CommandManifests, context: RootContext): Root {
  const { request } = context
  const line = typeof spec.command === 'string' ? spec.command : spec.command.join(' ')
  const label = spec.name === undefined ? `command ${line}` : `${spec.name} (command ${line})`
  return {
    key: `command ${JSON.stringify(spec)}`,
    kind: 'command',
    label,
    place: request.root,
    read: async () => {
      const inputs = await Promise.all(spec.inputs.map(input => inputFiles(input, request.root)))
      const files = [...new Set(inputs.flatMap(input => input.files))].sort()
      const place = await placeOf(line, spec.cwd ?? request.root, request.configFile)
      return {
        inputs: { files, folders: [], trees: [...new Set(inputs.flatMap(input => input.trees))] },
        fingerprint: spec.inputs.length === 0 ? undefined : fingerprintOf(spec, files, await readAll(files)),
        render: signal => runCommand({ spec, label, place, signal, ...context }),
      }
    },
  }
}

/** The script where the command begins with one, else the config file, which has the command. */
async function placeOf(line: string, root: string, configFile: string): Promise<SourceRange> {
  const script = resolve(root, line.trim().split(/\s+/)[0] ?? '')
  const isScript = script.startsWith(`${root}${sep}`) && (await stat(script).catch(() => undefined))?.isFile()
  return rangeAt(isScript === true ? script : configFile, 1, 1)
}

async function inputFiles(
  input: string,
  root: string,
): Promise<{ readonly files: readonly string[]; readonly trees: readonly string[] }> {
  const whole = resolve(root, input)
  const kind = await stat(whole).then(
    found => (found.isDirectory() ? 'folder' : 'file'),
    () => 'missing',
  )
  if (kind === 'file') return { files: [whole], trees: [] }
  const { base, glob: pattern } =
    kind === 'folder' ? { base: whole, glob: undefined } : manifestPath(whole.split(sep).join('/'))
  if (kind === 'missing' && pattern === undefined) return { files: [whole], trees: [] }
  const files = await glob([pattern ?? '**/*'], {
    cwd: base,
    absolute: true,
    dot: true,
    ignore: ['**/node_modules/**', '**/.git/**'],
  }).catch(() => [])
  return { files, trees: [base] }
}

async function runCommand({
  spec,
  label,
  place,
  runner,
  request,
  signal,
}: RootContext & {
  readonly spec: CommandManifests
  readonly label: string
  readonly place: SourceRange
  readonly signal: AbortSignal
}): Promise<RootOutput | 'cancelled'> {
  const ran = await runner.run(commandLine(spec.command), { cwd: spec.cwd ?? request.root, signal })
  if (!ran.ok) {
    if (ran.error.kind === 'cancelled') return 'cancelled'
    const { reason, exitCode, output } =
      ran.error.kind === 'command-failed' ? ran.error : { reason: 'failed', exitCode: undefined, output: [] }
    const how =
      reason === 'not-found'
        ? 'was not found'
        : `failed${exitCode === undefined ? '' : ` with exit code ${exitCode}`}`
    return failedOutput([
      { severity: 'error', message: [`${label} ${how}`, ...output.slice(-20)].join('\n  '), range: place },
    ])
  }
  const { parseRendered } = await import('../../core/manifest/rendered-documents.js')
  const parsed = parseRendered({ text: ran.value.stdout, tool: label, locate: () => place, fallback: place })
  const { namespace } = spec
  return {
    objects: parsed.objects.map(object => ({
      ...object,
      renderer: label,
      ...(namespace === undefined ? {} : { home: namespace }),
    })),
    diagnostics: [
      ...parsed.diagnostics,
      ...(parsed.others > 0
        ? [
            {
              severity: 'error' as const,
              message: `${label} prints something that is no Kubernetes object: ${shownFirst(ran.value.stdout)}`,
              range: place,
              suggestion: 'print YAML documents on standard output, and everything else on standard error',
            },
          ]
        : []),
    ],
    skipped: [],
  }
}

function commandLine(command: CommandManifests['command']): readonly [string, ...string[]] {
  if (typeof command !== 'string') {
    const [program = '', ...args] = command
    return [program, ...args]
  }
  return process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', command] : ['/bin/sh', '-c', command]
}

const shownFirst = (stdout: string): string =>
  JSON.stringify((stdout.split('\n').find(line => line.trim() !== '') ?? '').slice(0, 80))
