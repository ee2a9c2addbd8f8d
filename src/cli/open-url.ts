import type { ProcessRunner } from '../ports/process-runner.js'

/** The command that opens an address in the person's browser. */
export function browserCommand(url: string, platform: NodeJS.Platform): readonly [string, ...string[]] {
  switch (platform) {
    case 'darwin':
      return ['open', url]
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler', url]
    default:
      return ['xdg-open', url]
  }
}

/** Opens an address; where that is not possible, says it, so that it can be copied. */
export async function openUrl(
  url: string,
  {
    runner,
    platform,
    cwd,
  }: { readonly runner: ProcessRunner; readonly platform: NodeJS.Platform; readonly cwd: string },
): Promise<{ readonly ok: boolean; readonly message: string }> {
  const ran = await runner.run(browserCommand(url, platform), { cwd })
  return ran.ok
    ? { ok: true, message: `opened ${url}` }
    : { ok: false, message: `no browser could be started: ${url}` }
}
