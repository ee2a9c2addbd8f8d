import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Tmux } from '../../test/cluster/rig/tmux.js'

/** What a terminal was sent, with the time of each piece. */
export interface Cast {
  /** Recording begins here; what came before is left out. */
  start(): Promise<void>
  /** Writes an asciicast, version 2 (https://docs.asciinema.org/manual/asciicast/v2/). */
  write(file: string, title: string): Promise<void>
}

/** Longest pause that a player shows, in seconds: nobody wants to watch a first build. */
const IDLE_LIMIT = 1.5

/** Records a terminal through a named pipe, so that every piece gets the time at which it was written. */
export async function recordCast(
  terminal: Pick<Tmux, 'pipe'>,
  size: { readonly columns: number; readonly rows: number },
): Promise<Cast> {
  const folder = await mkdtemp(join(tmpdir(), 'cast-'))
  const pipe = join(folder, 'pipe')
  await promisify(execFile)('mkfifo', [pipe])
  const pieces: { readonly at: number; readonly text: string }[] = []
  let startedAt = 0
  const stream = createReadStream(pipe, 'utf8')
  stream.on('data', text => pieces.push({ at: performance.now(), text: String(text) }))
  return {
    start: async () => {
      await terminal.pipe(`cat > ${pipe}`)
      startedAt = performance.now()
    },
    write: async (file, title) => {
      stream.destroy()
      const header = {
        version: 2,
        width: size.columns,
        height: size.rows,
        title,
        idle_time_limit: IDLE_LIMIT,
        env: { TERM: 'xterm-256color' },
      }
      const events = pieces.map(({ at, text }) => [Number(((at - startedAt) / 1000).toFixed(3)), 'o', text])
      await writeFile(file, `${[header, ...events].map(line => JSON.stringify(line)).join('\n')}\n`)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
