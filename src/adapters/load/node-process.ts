import { type Duplex, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'

export interface NodeExit {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A node's runtime refused an archive. */
export class NodeImportError extends Error {
  readonly node: string
  /** Digest of the manifest that the archive gave the image's name to, where it is known. */
  readonly manifest: string | undefined
  constructor(node: string, message: string, manifest?: string) {
    super(message)
    this.node = node
    this.manifest = manifest
  }
}

/** The last line of what a program said, without containerd's deprecation warnings. */
export function lastWords({ stdout, stderr, exitCode }: NodeExit): string {
  const lines = `${stdout}\n${stderr}`.split('\n').map(line => line.trim())
  const said = lines.filter(line => line !== '' && !line.includes('level=warning'))
  return said.at(-1) ?? `exit code ${exitCode}`
}

/** A program that runs within a node container. */
export interface NodeProcess {
  /** Its standard input; end it, or the program may wait for ever. */
  readonly input: Duplex
  /** Settles when its output has ended; rejects where the engine fails. */
  readonly exited: Promise<NodeExit>
}

/** Starts a program in a node container through the engine, without a process of ours. */
export async function startInNode(
  docker: Docker,
  node: string,
  argv: readonly string[],
): Promise<NodeProcess> {
  const exec = await docker
    .getContainer(node)
    .exec({ Cmd: [...argv], AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false })
  // Without hijack the end of the input would end the output too (docker-modem#48).
  const socket = await exec.start({ hijack: true, stdin: true })
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  docker.modem.demuxStream(socket, stdout, stderr)
  const ended = new Promise<Error | undefined>(resolve => {
    socket.once('error', resolve)
    socket.once('close', () => resolve(undefined))
    socket.once('end', () => resolve(undefined))
  }).finally(() => {
    stdout.end()
    stderr.end()
  })
  const exited = Promise.all([text(stdout), text(stderr), ended]).then(async ([out, error, broken]) => {
    const { ExitCode, Running } = await exec.inspect()
    // The connection also breaks where the program ends before it has read its input: what it said counts then.
    if (broken !== undefined && Running) throw broken
    return { exitCode: ExitCode ?? -1, stdout: out, stderr: error }
  })
  // Whoever started the process may be gone before it fails.
  exited.catch(() => undefined)
  return { input: socket, exited }
}

/** Runs a program in a node to its end, with nothing on its standard input. */
export async function runInNode(docker: Docker, node: string, argv: readonly string[]): Promise<NodeExit> {
  const running = await startInNode(docker, node, argv)
  running.input.end()
  return running.exited
}
