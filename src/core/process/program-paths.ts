import { cleanPath } from '../context/go-path.js'
import { hostPathOf, type PathPair } from './process-image.js'

/** Where images keep programs that are called by their bare name. */
const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

interface Where {
  readonly pairs: readonly PathPair[]
  readonly workingDir: string
  /** The working directory here. */
  readonly cwd: string
}

/**
 * A program or an argument as this machine finds it: where a COPY brought it, or as it is. `/usr/bin/node`, which a base image has, is `node` here; a relative path
 * stays where it is the same file from the working directory.
 */
export function programPath(word: string, { pairs, workingDir, cwd }: Where): string {
  if (word.startsWith('/')) return hostPathOf(word, pairs) ?? bareName(word)
  if (!word.includes('/') && !word.includes('.')) {
    const copied = PROGRAM_FOLDERS.flatMap(folder =>
      pairs.filter(({ image }) => image === `${folder}/${word}`),
    )
    return copied[0]?.host ?? word
  }
  if (word.startsWith('-')) return word
  const host = hostPathOf(cleanPath(`${workingDir}/${word}`), pairs)
  return host === undefined || host === cleanPath(`${cwd}/${word}`) ? word : host
}

/** What every system has at the same place. */
const EVERYWHERE = new Set(['/bin/sh', '/bin/bash', '/usr/bin/env'])

/** A program of the base image by its name alone, for this machine's PATH: `/usr/local/bin/node` is `node`. Other paths stay. */
function bareName(path: string): string {
  return EVERYWHERE.has(path) ? path : (/\/s?bin\/([^/]+)$/.exec(path)?.[1] ?? path)
}

/** A line for the shell with the image's paths replaced. What the shell would split or expand is quoted. */
export function textWithHostPaths(text: string, pairs: readonly PathPair[]): string {
  const known = pairs.filter(({ image }) => image !== '/')
  if (known.length === 0) return text
  const names = known.map(({ image }) => image.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const path = new RegExp(`(^|[\\s"'=:;&|(<>])(${names})(?=$|[/\\s"':;&|)<>])`, 'g')
  return text.replace(path, (whole, before: string, image: string, offset: number) => {
    const host = hostPathOf(image, known)
    if (host === undefined) return whole
    const isQuoted = inQuotes(text.slice(0, offset + before.length))
    return `${before}${isQuoted || /^[\w./:@%+,-]*$/.test(host) ? host : `'${host.replaceAll("'", `'\\''`)}'`}`
  })
}

function inQuotes(text: string): boolean {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '\\' && quote !== "'") at++
    else if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
  }
  return quote !== ''
}
