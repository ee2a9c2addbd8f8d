import { createServer } from 'node:net'
import { basename } from 'node:path'
import type { PortFacts, WantedPort } from '../../core/doctor/judge-ports.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { portOwner } from '../process/port-owner.js'

/** Whether a port can be had, by having it for a moment, and who has it. */
export async function lookAtPort(
  wanted: WantedPort & { readonly address: string | undefined },
  system: { readonly platform: NodeJS.Platform; readonly runner: ProcessRunner },
): Promise<PortFacts> {
  const { address, ...port } = wanted
  const code = await listenCode(port.port, address ?? '127.0.0.1')
  switch (code) {
    case undefined:
      return { ...port, state: 'free' }
    case 'EADDRINUSE': {
      const owner = await portOwner(port.port, system)
      return {
        ...port,
        state: 'taken',
        // What stands behind the program's name may be a password.
        ...(owner === undefined ? {} : { owner: { pid: owner.pid, program: programName(owner.program) } }),
      }
    }
    case 'EACCES':
    case 'EPERM':
      return { ...port, state: 'rights' }
    default:
      return { ...port, state: 'unusable' }
  }
}

const programName = (commandLine: string): string => basename(commandLine.split(' ')[0] ?? commandLine)

function listenCode(port: number, host: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
