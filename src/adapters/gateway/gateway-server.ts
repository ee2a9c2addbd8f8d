import type { GatewayFailed } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import { servedNames } from '../../core/routes/served-names.js'
import type { Gateway } from '../../ports/gateway.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { portOwner } from '../process/port-owner.js'
import type { ServerContext } from './answer-request.js'
import { createDrains } from './drains.js'
import { meetingPlace } from './peers.js'
import { type Place, takePlace } from './take-place.js'
import { createUpstreams } from './upstreams.js'

export interface GatewayServerOptions {
  readonly platform: NodeJS.Platform
  /** Asked who has a port. */
  readonly runner: ProcessRunner
  /** Where devloops of this user meet that share a port. */
  readonly folder: string
}

/** Milliseconds between two tries to get a port that its owner left and somebody else has. */
const RETRY = 500

/**
 * Serves at 127.0.0.1 and, where this machine has it, at ::1. Where another devloop of this user has the port, it hands on the requests for the names
 * that are served here; when it ends, one of the others takes the port over.
 */
export function createGateway({ platform, runner, folder }: GatewayServerOptions): Gateway {
  return {
    async open({ port: wanted, view, forward }) {
      const upstreams = createUpstreams(view, forward)
      let port = wanted
      const context: ServerContext = { upstreams, drains: createDrains(), port: () => port }
      const meeting = wanted === 0 ? undefined : meetingPlace(folder, wanted, platform)
      const take = () => takePlace(context, { port: wanted, meeting, folder, platform })
      const first = await take()
      if (!first.ok) {
        upstreams.close()
        const owner =
          first.error.code === 'EADDRINUSE' ? await portOwner(wanted, { platform, runner }) : undefined
        return err(failure({ port: wanted, platform, error: first.error, owner }))
      }
      let place: Place = first.value
      port = place.port
      let isClosed = false
      let retrying: NodeJS.Timeout | undefined
      const follow = (): void => {
        void place.lost.then(async () => {
          if (isClosed) return
          await place.close()
          await again()
        })
      }
      const again = async (): Promise<void> => {
        const next = await take()
        if (isClosed) {
          if (next.ok) await next.value.close()
          return
        }
        if (!next.ok) {
          retrying = setTimeout(() => void again(), RETRY)
          return
        }
        place = next.value
        follow()
      }
      follow()
      return ok({
        port,
        update: next => {
          upstreams.update(next)
          place.tell(servedNames(next.table))
        },
        close: async () => {
          isClosed = true
          clearTimeout(retrying)
          await place.close()
          upstreams.close()
        },
      })
    },
  }
}

function failure({
  port,
  platform,
  error: { code, message },
  owner,
}: {
  readonly port: number
  readonly platform: NodeJS.Platform
  readonly error: NodeJS.ErrnoException
  readonly owner: GatewayFailed['owner']
}): GatewayFailed {
  const reason = code === 'EADDRINUSE' ? 'taken' : code === 'EACCES' ? 'rights' : 'other'
  const system = platform === 'darwin' ? 'macos' : platform === 'win32' ? 'windows' : undefined
  return {
    kind: 'gateway-failed',
    port,
    reason,
    message,
    ...(owner === undefined ? {} : { owner }),
    ...(system === undefined ? {} : { system }),
  }
}
