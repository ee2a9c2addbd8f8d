import { asciiName, canonicalAddress, hostNameKind } from '../core/hosts/host-name.js'
import { type ConfigPath, type Finding, finding } from './finding.js'

/** One of the `hosts`: a name that a line of a hosts file can have. */
export function checkHost(host: string, path: ConfigPath): readonly Finding[] {
  const name = host.toLowerCase()
  switch (hostNameKind(name)) {
    case 'plain':
    case 'local':
      return []
    case 'wildcard':
      return [
        finding(path, `"${host}" is a wildcard, and a hosts file has none`, {
          suggestion: `name the hosts that you open, as in "www.${name.slice(2)}"`,
        }),
      ]
    case 'invalid':
      return [finding(path, `"${host}" is no host name`, { suggestion: suggestionFor(name) })]
  }
}

function suggestionFor(name: string): string {
  const ascii = asciiName(name)
  if (ascii !== undefined) return `DNS has it as "${ascii}"`
  const url = /^[a-z]+:\/\//.test(name) && URL.canParse(name) ? new URL(name).hostname : undefined
  if (url !== undefined && hostNameKind(url) === 'plain') return `write the name alone: "${url}"`
  if (canonicalAddress(name) !== undefined)
    return 'write the name; devloop knows the address that it must have'
  return 'labels of letters, digits and "-" with dots between them, as in tour.xyz'
}
