import { expect, test } from 'vitest'
import { err, ok, type Result } from '../../core/result.js'
import { atLoopback, type Listener } from './at-loopback.js'

/** A machine whose ports are taken, or whose addresses are not there, as `codes` says by `host port`. */
function machine(codes: Readonly<Record<string, string>>) {
  const open = new Set<string>()
  let free = 40_000
  const listen = async ({
    host,
    port,
  }: {
    readonly host: string
    readonly port: number
  }): Promise<Result<Listener, NodeJS.ErrnoException>> => {
    const bound = port === 0 ? free++ : port
    const where = `${host} ${bound}`
    const code = codes[where] ?? codes[host]
    if (code !== undefined) return err(Object.assign(new Error(code), { code }))
    open.add(where)
    return ok({
      port: bound,
      close: async () => {
        open.delete(where)
      },
    })
  }
  return { listen, open }
}

test.each<
  [what: string, port: number, codes: Readonly<Record<string, string>>, open: string[], code?: string]
>([
  ['both are free', 8080, {}, ['127.0.0.1 8080', '::1 8080']],
  ['another has it at 127.0.0.1', 8080, { '127.0.0.1 8080': 'EADDRINUSE' }, [], 'EADDRINUSE'],
  ['another has it at ::1', 8080, { '::1 8080': 'EADDRINUSE' }, [], 'EADDRINUSE'],
  ['no address of IPv6', 8080, { '::1': 'EADDRNOTAVAIL' }, ['127.0.0.1 8080']],
  ['no IPv6', 8080, { '::1': 'EAFNOSUPPORT' }, ['127.0.0.1 8080']],
  ['not allowed at ::1', 80, { '::1': 'EACCES' }, [], 'EACCES'],
  ['any port', 0, {}, ['127.0.0.1 40000', '::1 40000']],
  ['any port but one', 0, { '::1 40000': 'EADDRINUSE' }, ['127.0.0.1 40001', '::1 40001']],
  ['no port at all', 0, { '::1': 'EADDRINUSE' }, [], 'EADDRINUSE'],
])('%s', async (_what, port, codes, open, code) => {
  const { listen, open: left } = machine(codes)
  const opened = await atLoopback(port, listen)
  expect([...left]).toEqual(open)
  expect(opened.ok ? undefined : opened.error.code).toBe(code)
})
