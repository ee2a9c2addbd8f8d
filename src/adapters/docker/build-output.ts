import { type BuildKitStatus, decodeStatus, type Vertex } from './buildkit-status.js'

/** What a build's stream said, once it ended. */
export interface BuildEnd {
  readonly imageId?: string
  readonly error?: string
  /** The instruction that failed, as the builder names it. */
  readonly step?: string
  /** The last lines of that step. */
  readonly output: readonly string[]
}

interface Sinks {
  readonly onLine: (line: string) => void
  readonly onStep: (step: string) => void
}

interface StreamMessage {
  readonly id?: string
  readonly aux?: unknown
  readonly stream?: string
  readonly status?: string
  readonly error?: string
  readonly errorDetail?: { readonly message?: string }
}

/** Lines of a step's output that a failure carries. */
const tailLines = 50
/** How the engine takes the context in: no step of the Dockerfile, shown only where it fails. */
const plumbing =
  /^(?:\[internal\] load (?:remote build context|build context|build definition from .*|\.dockerignore)|copy \/context \/)$/

/** Reads the messages of `POST /build`, of BuildKit and of the classic builder, into lines like those of `docker build --progress plain`. */
export function createBuildOutput({ onLine, onStep }: Sinks) {
  const steps = new Map<string, BuildKitStep>()
  const classic = new ClassicOutput({ onLine, onStep })
  let imageId: string | undefined
  let error: string | undefined

  const trace = (status: BuildKitStatus) => {
    const stepOf = (digest: string, name = digest) => {
      const step = steps.get(digest) ?? new BuildKitStep(steps.size + 1, name, { onLine, onStep })
      steps.set(digest, step)
      return step
    }
    for (const vertex of status.vertexes) {
      if (plumbing.test(vertex.name) && vertex.error === '') continue
      if (vertex.started !== undefined || vertex.error !== '')
        stepOf(vertex.digest, vertex.name).update(vertex)
    }
    for (const log of status.logs) stepOf(log.vertex).log(log.message.toString('utf8'))
  }

  return {
    /** Takes one line of the stream. */
    message(line: string): void {
      const message = JSON.parse(line) as StreamMessage
      error ??= message.errorDetail?.message ?? message.error
      if (message.id === 'moby.buildkit.trace') {
        if (typeof message.aux === 'string') trace(decodeStatus(message.aux))
        return
      }
      const id = (message.aux as { readonly ID?: unknown } | undefined)?.ID
      if (typeof id === 'string') imageId = id
      if (message.stream !== undefined) classic.write(message.stream)
      // The classic builder's pull of a base; its progress per layer, which carries an id, would be thousands of lines.
      else if (message.status !== undefined && message.id === undefined) classic.write(`${message.status}\n`)
    },
    /** The container of the classic builder's step that has not ended yet. */
    runningContainer: () => classic.container,
    end(): BuildEnd {
      for (const step of steps.values()) step.flush()
      classic.flush()
      const failed = [...steps.values()].find(step => step.failed)
      const step = failed?.name ?? classic.step
      return {
        ...(imageId === undefined ? {} : { imageId }),
        ...(error === undefined ? {} : { error }),
        ...(step === undefined ? {} : { step }),
        output: failed?.tail ?? classic.tail,
      }
    },
  }
}

/** One vertex of BuildKit's graph. It may run more than once (a cache look-up, then the work). */
class BuildKitStep {
  readonly tail: string[] = []
  failed = false
  #rest = ''
  #named = false
  #ended = false

  constructor(
    readonly number: number,
    readonly name: string,
    readonly sinks: Sinks,
  ) {}

  update(vertex: Vertex): void {
    if (!this.#named) {
      this.#named = true
      this.sinks.onLine(`#${this.number} ${this.name}`)
      if (vertex.completed === undefined) this.sinks.onStep(this.name)
    }
    if (vertex.completed === undefined || this.#ended) return
    this.flush()
    if (vertex.error !== '') {
      // The steps beside the failed one end with the error that they were cancelled.
      this.failed = !vertex.error.startsWith('context canceled')
      this.#ended = true
      this.sinks.onLine(`#${this.number} ${this.failed ? `ERROR: ${vertex.error}` : 'CANCELED'}`)
    } else if (vertex.cached) {
      this.#ended = true
      this.sinks.onLine(`#${this.number} CACHED`)
    } else {
      this.#ended = true
      const seconds = vertex.completed - (vertex.started ?? vertex.completed)
      this.sinks.onLine(`#${this.number} DONE ${seconds.toFixed(1)}s`)
    }
  }

  log(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  flush(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }

  #line(text: string): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text
    keep(this.tail, line)
    this.sinks.onLine(`#${this.number} ${line}`)
  }
}

class ClassicOutput {
  step: string | undefined
  container: string | undefined
  tail: string[] = []
  #rest = ''

  constructor(readonly sinks: Sinks) {}

  write(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  flush(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }

  #line(coloured: string): void {
    // The classic builder paints standard error red: \e[91m…\e[0m.
    const line = coloured.replace(/\x1b\[(91|0)m/g, '')
    const step = /^Step \d+\/\d+ : (.*)$/.exec(line)?.[1]
    if (step !== undefined) {
      this.step = step
      this.tail = []
      this.container = undefined
      this.sinks.onStep(step)
    } else if (line.startsWith(' ---> ')) {
      this.container = /^ ---> Running in ([0-9a-f]+)$/.exec(line)?.[1]
    } else if (line !== '' && !line.startsWith('Removing intermediate container ')) {
      keep(this.tail, line)
    }
    if (
      line !== '' &&
      !/^( ---> [0-9a-f]+|Removing intermediate container .*| ---> Removed .*)$/.test(line)
    ) {
      this.sinks.onLine(line)
    }
  }
}

function keep(tail: string[], line: string): void {
  if (tail.push(line) > tailLines) tail.shift()
}
