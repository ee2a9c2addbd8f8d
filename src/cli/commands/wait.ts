import { exitCodeFor, exitCodes } from '../../core/exit-code.js'
import { explain } from '../../core/explain.js'
import type { LiveAnswer } from '../../core/why/live-verdict.js'
import { sleep } from '../../ports/sleep.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { parseSince } from '../parse-since.js'
import { reachProject } from '../reach-up.js'
import { reportProblem } from '../report-problem.js'

export interface WaitOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly live?: true
  readonly timeout: string
  readonly json?: true
}

/** Milliseconds that an `up` may take to answer which was started in the same moment, as `devloop up & devloop wait --live` does; and between two times of asking it. */
const STARTING = 5000
const PAUSE = 100

/** Waits until what the files say now is what runs. The `up` that runs looks at the files before it answers. */
export async function wait(io: CommandIo, options: WaitOptions): Promise<CommandEnd> {
  const { services, timeout } = options
  const patience = parsePatience(timeout)
  if (patience === undefined || options.live !== true) return usage(options)
  const reached = await reachProject(io, options)
  if (!reached.ok) return reached.error
  const { adapters, opened, project, ask } = reached.value
  const abort = new AbortController()
  let ended: 'timeout' | 'interrupt' | undefined
  const end = (why: 'timeout' | 'interrupt'): void => {
    ended ??= why
    abort.abort()
  }
  const off = io.onInterrupt(() => end('interrupt'))
  const cancel = adapters.clock.after(patience, () => end('timeout'))
  try {
    const askOnce = async (): Promise<LiveAnswer | undefined | null> =>
      (await ask({ type: 'wait', services }, { patience: undefined, signal: abort.signal })) as
        | LiveAnswer
        | undefined
        | null
    let answer = await askOnce()
    const begun = adapters.clock.now()
    while (answer == null && !abort.signal.aborted && adapters.clock.now() - begun < STARTING) {
      await sleep(adapters.clock, PAUSE, abort.signal)
      answer = await askOnce()
    }
    if (ended === 'interrupt') return exitCodes.interrupted
    if (ended === 'timeout') return tellWaiting(io, options, `not live after ${timeout}`, 'timeout')
    if (answer == null) {
      const owner = await opened.state.readOwner()
      if (!owner.ok) return owner.error
      const by =
        owner.value === undefined ? '' : ` (devloop ${owner.value.command} owns it, and answers nobody)`
      const message = `no devloop up runs for ${project.name} that could say when it is live${by}`
      if (options.json === true) tell(io, { live: false, cause: { kind: 'not-running', title: message } })
      return { kind: 'not-running', message }
    }
    return tellAnswer(io, options, answer)
  } finally {
    cancel()
    off()
  }
}

function parsePatience(text: string): number | undefined {
  const end = /^\d+(\.\d+)?$/.test(text) ? parseSince(`${text}s`, 0) : parseSince(text, 0)
  return end === undefined || end > 0 ? undefined : -end
}

function usage({ timeout, live }: WaitOptions): CommandEnd {
  return live === true
    ? {
        kind: 'usage-invalid',
        message: `--timeout ${timeout} is no length of time`,
        hint: 'Write 90s, 5m or 1h.',
      }
    : { kind: 'usage-invalid', message: 'say what to wait for', hint: 'devloop wait --live' }
}

function tellAnswer(io: CommandIo, options: WaitOptions, answer: LiveAnswer): CommandEnd {
  switch (answer.kind) {
    case 'live': {
      if (options.json === true) tell(io, { live: true, save: answer.save })
      else
        io.stdout.write(
          `${answer.save === 0 ? 'what was there at the start' : `save ${answer.save}`} is live\n`,
        )
      return exitCodes.ok
    }
    case 'failed': {
      const [first] = answer.causes
      const code = first === undefined ? exitCodes.failure : exitCodeFor(first.problem)
      if (options.json === true) {
        const causes = answer.causes.map(({ service, problem }) => ({
          ...(service === undefined ? {} : { service }),
          kind: problem.kind,
          title: explain(problem).title,
          exitCode: exitCodeFor(problem),
          problem,
        }))
        tell(io, { live: false, save: answer.save, cause: causes[0], causes })
      } else for (const { problem } of answer.causes) reportProblem(io, problem)
      return code
    }
    case 'held': {
      const words = answer.services.map(({ service, reason }) => `${service} is ${WORDS[reason]}`)
      return tellWaiting(io, options, words.join('; '), 'held', answer.save)
    }
    case 'unknown-service':
      return {
        kind: 'usage-invalid',
        message: `the devloop up that runs has no service ${answer.service}`,
        hint: `It has: ${answer.known.join(', ')}.`,
      }
  }
}

const WORDS = {
  paused: 'paused: nothing is built or applied for it until it is resumed',
  'rolled-back': 'rolled back on request: an earlier image runs until devloop clear',
} as const

function tellWaiting(
  io: CommandIo,
  { json }: WaitOptions,
  title: string,
  kind: 'timeout' | 'held',
  save?: number,
): CommandEnd {
  const exitCode = exitCodes.waiting
  const at = save === undefined ? {} : { save }
  if (json === true) tell(io, { live: false, ...at, cause: { kind, title, exitCode } })
  else io.stderr.write(`devloop: ${title}\n`)
  return exitCode
}

const tell = (io: CommandIo, value: unknown): void => {
  io.stdout.write(`${JSON.stringify(value)}\n`)
}
