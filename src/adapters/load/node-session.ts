import type Docker from 'dockerode'
import { type NodeShell, openNodeShell } from '../node-shell/node-shell.js'
import type { NodeExit } from './node-process.js'
import { ANSWER_MARK, LOAD_SCRIPT } from './node-script.js'

/** The program of loads on one node, kept open: starting one takes a tenth of a second. */
export interface NodeSession {
  /** One request at a time, in the order of the calls. Rejects where the engine fails; a connection that has ended is opened anew once. */
  ask(line: string, body?: Uint8Array, onSent?: (bytes: number) => void): Promise<NodeExit>
  /** Counts the connections: what was learned on an earlier one may no longer hold, for the node may be another. */
  readonly connection: number
  close(): void
}

/** Bytes written at a time, so that progress shows. */
const CHUNK = 1 << 20
/** Milliseconds that a look at what there is may take, on a node that is very busy. */
const LOOK_LIMIT = 60_000
const SCRIPT = { text: LOAD_SCRIPT, args: [], mark: ANSWER_MARK } as const

export function createNodeSession(docker: Docker, node: string): NodeSession {
  let shell: NodeShell | undefined
  let connection = 0
  let turn: Promise<unknown> = Promise.resolve()

  const open = async (): Promise<NodeShell> => {
    if (shell?.closed === false) return shell
    connection += 1
    shell = await openNodeShell(docker, node, SCRIPT)
    return shell
  }
  const send = async (request: () => AsyncIterable<string | Uint8Array>): Promise<NodeExit> => {
    const wasOpen = shell?.closed === false
    try {
      return parse(await (await open()).ask(request()))
    } catch (error) {
      // It may have ended since the last request, with the node; every request can be made twice.
      if (!wasOpen) throw error
      return parse(await (await open()).ask(request()))
    }
  }
  return {
    get connection() {
      return shell?.closed === false ? connection : connection + 1
    },
    ask(line, body, onSent) {
      async function* request() {
        yield `${line}\n`
        for (let at = 0; body !== undefined && at < body.byteLength; at += CHUNK) {
          const part = body.subarray(at, at + CHUNK)
          yield part
          onSent?.(Math.min(at + CHUNK, body.byteLength))
        }
      }
      const answer = turn.then(async () => {
        const limit = body === undefined ? setTimeout(() => shell?.close(), LOOK_LIMIT) : undefined
        return send(request).finally(() => clearTimeout(limit))
      })
      turn = answer.catch(() => undefined)
      return answer
    },
    close: () => shell?.close(),
  }
}

function parse(answer: string): NodeExit {
  const at = answer.lastIndexOf('\n')
  return { exitCode: Number(answer.slice(at + 1)), stdout: answer.slice(0, Math.max(0, at)), stderr: '' }
}
