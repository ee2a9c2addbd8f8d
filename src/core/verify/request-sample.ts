/** Why a request was not answered, or answered with an error of the server. */
export type FailureCause = 'refused' | 'reset' | 'timeout' | 'unreachable' | 'server-error' | 'other'

/** One request of a stream. Times are milliseconds since the epoch, by the clock of whoever sent it. */
export interface RequestSample {
  readonly startedAt: number
  readonly endedAt: number
  readonly result: RequestResult
}

export type RequestResult =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly cause: FailureCause; readonly words: string }

/** An answer below 500 shows that a pod was reached, whatever it thinks of the path. */
export function resultOfStatus(status: number): RequestResult {
  return status >= 500
    ? { kind: 'failed', cause: 'server-error', words: `status ${status}` }
    : { kind: 'answered', status }
}

const CAUSES: readonly (readonly [RegExp, FailureCause])[] = [
  // curl says no more than this of a connection that nobody takes.
  [/refused|ECONNREFUSED|no endpoints available|(couldn't|could not) connect to server/i, 'refused'],
  [
    /reset|hang up|empty reply|no data received|error getting response|EPIPE|cut off|ECONNRESET|\bEOF\b|aborted/i,
    'reset',
  ],
  [/timed? ?out|ETIMEDOUT|no answer within|deadline/i, 'timeout'],
  [/unreachable|no route|EHOSTUNREACH|ENETUNREACH|not known|bad address|ENOTFOUND/i, 'unreachable'],
]

/** What the words of a program that made a request mean: Node, curl, both kinds of wget, Bash and the API server's proxy say it differently. */
export function resultOfWords(words: string): RequestResult {
  const status =
    /^(\d{3})$/.exec(words)?.[1] ?? /(?:HTTP\/1\.[01]|ERROR|it answered) (\d{3})\b/.exec(words)?.[1]
  if (status !== undefined && status !== '000') return resultOfStatus(Number(status))
  const cause = CAUSES.find(([pattern]) => pattern.test(words))?.[1] ?? 'other'
  return { kind: 'failed', cause, words: words.slice(0, 200) }
}
