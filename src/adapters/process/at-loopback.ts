import { err, ok, type Result } from '../../core/result.js'

/** What listens at one address. */
export interface Listener {
  readonly port: number
  close(): Promise<void>
}

export interface AtLoopback<L extends Listener> {
  readonly port: number
  /** One for each address. */
  readonly listeners: readonly L[]
}

type Listen<L> = (where: {
  readonly host: string
  readonly port: number
}) => Promise<Result<L, NodeJS.ErrnoException>>

/** Ports that are free at 127.0.0.1 and taken at ::1 are few; this many in a row are none to be had. */
const FREE_TRIES = 8

/**
 * Listens at 127.0.0.1 and ::1, at the same port. Who has the port at one of them would be who `localhost` leads to, so both are to be had. Only a
 * machine without IPv6 goes on with 127.0.0.1 alone: it has no ::1, and nobody there asks for it.
 *
 * @param port 0 takes one that is free at both
 */
export async function atLoopback<L extends Listener>(
  port: number,
  listen: Listen<L>,
): Promise<Result<AtLoopback<L>, NodeJS.ErrnoException>> {
  for (let left = FREE_TRIES; ; left--) {
    const first = await listen({ host: '127.0.0.1', port })
    if (!first.ok) return first
    const bound = first.value.port
    const second = await listen({ host: '::1', port: bound })
    if (second.ok) return ok({ port: bound, listeners: [first.value, second.value] })
    if (isWithoutIpv6(second.error)) return ok({ port: bound, listeners: [first.value] })
    await first.value.close()
    if (port !== 0 || left === 0 || second.error.code !== 'EADDRINUSE') return err(second.error)
  }
}

/** The kernel has no IPv6, or no interface has an address of it. */
function isWithoutIpv6({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
