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
      return (await servicesOf(io, file))
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

/** The services of the config that is meant. One that cannot be found has none. */
async function servicesOf(io: CommandIo, file: string | undefined): Promise<readonly string[]> {
  const { findConfig } = await import('../../config/find-config.js')
  const found = await findConfig(file, io.cwd)
  if (!found.ok) return []
  const { quickServices } = await import('../../config/quick-services.js')
  return quickServices(found.value, io.env)
}
