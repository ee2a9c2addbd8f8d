/** What a page of Markdown has below a heading of third order, without that heading, up to the next heading; undefined where it has no such heading. */
export function section(page: string, heading: string): string | undefined {
  const lines = page.split(/\r?\n/)
  const start = lines.indexOf(`### ${heading}`)
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex(line => /^#{1,3} /.test(line))
  return (end === -1 ? rest : rest.slice(0, end)).join('\n').trim()
}
