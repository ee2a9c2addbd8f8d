import type Dockerode from 'dockerode'

/** Milliseconds in which the engine answers what costs it no work; it takes a few. Whoever waits for an engine that hangs is told after these. */
const ANSWER_LIMIT = 10_000

/** What may take its time: waiting itself, a container that is made or started, sizes of all images, and removing what an image has on the disk. */
const UNHURRIED = /^\/(?:containers\/(?:create|[^/]+\/(?:wait|start|stop|restart))|system\/df)\b/

interface Dialled {
  readonly path: string
  readonly method: string
  readonly isStream?: boolean
  readonly hijack?: boolean
  readonly abortSignal?: AbortSignal
  readonly options?: { readonly noprune?: unknown }
}

/**
 * dockerode, of which every request that is answered with a short text, or with a connection, fails with ETIMEDOUT where no answer comes in time. dockerode itself waits for ever for an engine
 * that hangs, and for an answer that is cut half way. Streams are left as they are: who reads them knows how long they may be silent.
 */
export function withPatience(docker: Dockerode, endpoint: string, limit = ANSWER_LIMIT): Dockerode {
  const modem = docker.modem as {
    dial: (options: Dialled, callback: (error: unknown, data?: unknown) => void) => void
  }
  const dial = modem.dial.bind(modem)
  modem.dial = (options, callback) => {
    if (isUnhurried(options)) return dial(options, callback)
    const late = new AbortController()
    const given = options.abortSignal
    let isOver = false
    const end = (error: unknown, data?: unknown): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      callback(error, data)
    }
    const timer = setTimeout(() => {
      end(new EngineSilent(endpoint, limit))
      late.abort()
    }, limit)
    const abortSignal = given === undefined ? late.signal : AbortSignal.any([given, late.signal])
    dial({ ...options, abortSignal }, end)
  }
  return docker
}

function isUnhurried({ path, method, isStream, hijack, options }: Dialled): boolean {
  if (hijack === true) return false
  if (isStream === true || UNHURRIED.test(path)) return true
  return method === 'DELETE' && options?.noprune === undefined
}

/** The engine hangs, or has no time. With a code and an address, as errors of connections have them. */
export class EngineSilent extends Error {
  readonly code = 'ETIMEDOUT'
  constructor(
    readonly address: string,
    limit: number,
  ) {
    super(
      `it took the request and has not answered for ${limit / 1000} s: the Docker engine hangs, or is very busy`,
    )
  }
}
