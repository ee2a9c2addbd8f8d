import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ExchangeError } from './http-exchange.js'

/** Reads a body to its end; rejects where it is cut or nothing comes for `idleTimeout` milliseconds. */
export async function readBody(body: IncomingMessage, idleTimeout: number): Promise<string> {
  const chunks: Buffer[] = []
  const stalled = () => body.destroy(new ExchangeError('The answer stopped half way.', 'ETIMEDOUT', true))
  let timer = setTimeout(stalled, idleTimeout)
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer)
      clearTimeout(timer)
      timer = setTimeout(stalled, idleTimeout)
    }
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Whether an answer is whole. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The texts of `Warning: 299 - "text"` headers. From the raw headers, for Node joins repeats with commas, which the texts hold too. */
export function warningsOf(rawHeaders: readonly string[]): readonly string[] {
  const warnings: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'warning') continue
    const quoted = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(rawHeaders[at + 1] ?? '')?.[1]
    if (quoted !== undefined) warnings.push(quoted.replace(/\\(.)/g, '$1'))
  }
  return warnings
}

/** Milliseconds that the server asks to wait, 30 s at most. */
export function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after'])
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 30) * 1000 : undefined
}
