import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type Candidate, completeWords } from '../../core/completion/complete-words.js'
import { exitCodes } from '../../core/exit-code.js'
import type { CommandEnd } from '../command-end.js'
import { commandWords } from '../command-words.js'
import type { CommandIo } from '../io.js'

/** Prints what may stand in place of the last word, one a line; asks neither Docker nor a cluster. A config that cannot be read has no services to offer. */
export async function complete(
  io: CommandIo,
  {
    program,
    words,
    describe,
  }: { readonly program: Command; readonly words: readonly string[]; readonly describe?: true },
): Promise<CommandEnd> {
  const found = await candidates(io, program, words)
  const lines = found.map(({ word, description }) =>
    describe === true && description !== '' ? `${word}\t${description}\n` : `${word}\n`,
  )
  io.stdout.write(lines.join(''))
  return exitCodes.ok
}

async function candidates(
  io: CommandIo,
  program: Command,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  const completion = completeWords(commandWords(program), words)
  switch (completion.kind) {
    case 'words':
      return completion.candidates
    case 'services': {
      const { prefix, named, file } = completion
      const services = (await quickNames(io.cwd, file)) ?? (await namesOfProject(io, file))
      return services
        .filter(name => name.startsWith(prefix) && !named.includes(name))
        .map(word => ({ word, description: '' }))
    }
    case 'problems': {
      const { symptoms } = await import('../../core/explain/anchors.js')
      return Object.entries(symptoms)
        .filter(([word]) => word.startsWith(completion.prefix))
        .map(([word, description]) => ({ word, description }))
    }
    case 'nothing':
      return []
  }
}

async function namesOfProject(io: CommandIo, file: string | undefined): Promise<readonly string[]> {
  const { loadProject } = await import('../open-project.js')
  const loaded = await loadProject(io, file === undefined ? {} : { file })
  return loaded.ok ? loaded.value.project.services.map(({ name }) => name) : []
}

/**
 * The names of a config that has them all in its own `services`, without the check of everything else, which takes longer than a person waits for a Tab.
 * Undefined for any other config: one that includes others, has profiles, or is Skaffold's.
 */
async function quickNames(cwd: string, file: string | undefined): Promise<readonly string[] | undefined> {
  const text = file === undefined ? await nearestConfig(cwd) : await textOf(resolve(cwd, file))
  if (text === undefined) return undefined
  const { parse } = await import('yaml')
  try {
    const config: unknown = parse(text)
    if (typeof config !== 'object' || config === null || !('services' in config)) return undefined
    if ('include' in config || 'profiles' in config || 'apiVersion' in config) return undefined
    const { services } = config
    return typeof services === 'object' && services !== null && !Array.isArray(services)
      ? Object.keys(services)
      : undefined
  } catch {
    return undefined
  }
}

async function nearestConfig(cwd: string): Promise<string | undefined> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const text = await textOf(join(folder, 'dev.config.yaml'))
    if (text !== undefined || folder === dirname(folder)) return text
  }
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
