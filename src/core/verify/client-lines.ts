import { type RequestSample, resultOfWords } from './request-sample.js'

/** What a client in the cluster prints, a line at a time. */
export type ClientLine =
  /** It has this program to make requests with. */
  | { readonly type: 'client'; readonly program: string }
  /** Its image has none. */
  | { readonly type: 'no-client' }
  | { readonly type: 'sample'; readonly sample: RequestSample }

/** Reads the lines of a client in turn: `S 7` when it sends its seventh request, `E 7 200` when that is over. */
export function createClientReader(): (line: string, at: number) => ClientLine | undefined {
  const started = new Map<string, number>()
  return (line, at) => {
    const [, kind, id = '', rest = ''] = /^([CSEX]) ?(\S*) ?(.*)$/.exec(line.trimEnd()) ?? []
    switch (kind) {
      case 'C':
        return { type: 'client', program: id }
      case 'X':
        return { type: 'no-client' }
      case 'S':
        started.set(id, at)
        return undefined
      case 'E': {
        const startedAt = started.get(id)
        if (startedAt === undefined) return undefined
        started.delete(id)
        return { type: 'sample', sample: { startedAt, endedAt: at, result: resultOfWords(rest.trim()) } }
      }
      default:
        return undefined
    }
  }
}
