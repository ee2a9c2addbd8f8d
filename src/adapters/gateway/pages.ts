import type { ServerResponse } from 'node:http'
import type { RouteRow } from '../../core/routes/route-table.js'

/** An answer of the gateway's own. */
export interface Page {
  readonly status: number
  readonly title: string
  readonly lines: readonly string[]
  /** Shown as a table; none for no table. */
  readonly routes: readonly RouteRow[]
}

/** The page as the client likes it: HTML for browsers, plain text for all others. */
export function renderPage(page: Page, accept: string): { readonly type: string; readonly body: string } {
  return accept.includes('text/html')
    ? { type: 'text/html; charset=utf-8', body: html(page) }
    : { type: 'text/plain; charset=utf-8', body: plain(page) }
}

export function sendPage(response: ServerResponse, page: Page, accept = ''): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { type, body } = renderPage(page, accept)
  response.writeHead(page.status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Server: 'devloop',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

const HEADS = ['host', 'path', 'match', 'to', 'rule'] as const
const cells = ({ host, path, kind, backend, rule }: RouteRow) => [host, path, kind, backend, rule]

function plain({ status, title, lines, routes }: Page): string {
  const rows = routes.length === 0 ? [] : [[...HEADS], ...routes.map(cells)]
  const widths = HEADS.map((_, at) => Math.max(0, ...rows.map(row => (row[at] ?? '').length)))
  const table = rows.map(row =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [`devloop: ${status} ${title}`, ...lines, ...(table.length === 0 ? [] : ['', ...table]), ''].join(
    '\n',
  )
}

function html({ status, title, lines, routes }: Page): string {
  const row = (tag: string, values: readonly string[]) =>
    `<tr>${values.map(value => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`
  const table =
    routes.length === 0
      ? ''
      : `<table><thead>${row('th', HEADS)}</thead><tbody>${routes.map(route => row('td', cells(route))).join('\n')}</tbody></table>`
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${status} ${escapeHtml(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:3em auto;max-width:64em;padding:0 1em;color:#222;background:#fff}
h1{font-size:1.3em}table{border-collapse:collapse;font:13px/1.5 ui-monospace,monospace;margin-top:1.5em}
td,th{text-align:left;padding:.2em 1.2em .2em 0;border-bottom:1px solid #ddd}small{color:#666}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td,th{border-color:#444}}</style>
<h1>${escapeHtml(title)}</h1>
${lines.map(line => `<p>${escapeHtml(line)}</p>`).join('\n')}
${table}
<p><small>devloop, the gateway on this machine · ${status}</small></p>
</html>
`
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
