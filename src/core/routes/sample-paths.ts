/** More samples of one pattern would be variations of the same. */
const MOST = 24

/** Paths that a pattern of a route matches, as far as examples can be made of it: literal text, classes, groups and their repetitions. */
export function samplePaths(pattern: string): readonly string[] {
  const body = pattern.replace(/^\(\?i\)/, '').replace(/^\^/, '')
  const { texts } = alternatives(body, 0)
  return [...new Set(texts.map(text => (text.startsWith('/') ? text : `/${text}`)))].slice(0, MOST)
}

/** No longer than a path that a server takes: `{1000000}` is a valid count. */
function repeated(text: string, count: number): string {
  return text.repeat(Math.min(count, Math.max(1, Math.floor(LONGEST / Math.max(1, text.length)))))
}

const LONGEST = 4096

interface Sampled {
  readonly texts: readonly string[]
  readonly next: number
}

function alternatives(source: string, start: number): Sampled {
  const all: string[] = []
  let texts: readonly string[] = ['']
  let at = start
  while (at < source.length && source[at] !== ')') {
    if (source[at] === '|') {
      all.push(...texts)
      texts = ['']
      at += 1
      continue
    }
    const atom = atomAt(source, at)
    const { low, high, next } = quantifierAt(source, atom.next)
    at = next
    const counts = low === high ? [low] : low === 0 ? [1, 0] : [low]
    texts = counts
      .flatMap(count =>
        count === 0 ? texts : texts.flatMap(text => atom.texts.map(more => text + repeated(more, count))),
      )
      .slice(0, MOST)
  }
  return { texts: [...all, ...texts].slice(0, MOST), next: at }
}

function atomAt(source: string, at: number): Sampled {
  const rest = source.slice(at)
  const group = /^\((?:\?(?::|P?<\w+>))?/.exec(rest)
  if (group !== null) {
    // What only looks ahead or behind takes no text.
    const isLook = /^\((?:\?<?[=!])/.test(rest)
    const inner = alternatives(source, at + (isLook ? rest.search(/[=!]/) + 1 : group[0].length))
    return { texts: isLook ? [''] : inner.texts, next: inner.next + 1 }
  }
  const escaped = /^\\(.)/.exec(rest)
  if (escaped !== null) return { texts: [sampleOfEscape(escaped[1] ?? '')], next: at + 2 }
  const set = /^\[(\^?)(\]?(?:\\.|[^\]\\])*)\]/.exec(rest)
  if (set !== null) return { texts: [sampleOfSet(set[2] ?? '', set[1] === '^')], next: at + set[0].length }
  const character = rest[0] ?? ''
  return { texts: [character === '.' ? 'x' : /[$^]/.test(character) ? '' : character], next: at + 1 }
}

function quantifierAt(source: string, at: number): { low: number; high: number; next: number } {
  const found = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})[?+]?/.exec(source.slice(at))
  if (found === null) return { low: 1, high: 1, next: at }
  const next = at + found[0].length
  if (found[1] !== undefined)
    return { low: found[1] === '+' ? 1 : 0, high: found[1] === '?' ? 1 : Number.POSITIVE_INFINITY, next }
  const low = Number(found[2])
  return { low, high: found[3] === '' ? low : Number(found[4] || Number.POSITIVE_INFINITY), next }
}

function sampleOfEscape(letter: string): string {
  switch (letter) {
    case 'd':
      return '1'
    case 'w':
      return 'x'
    case 's':
      return '%20'
    case 'b':
    case 'B':
    case 'A':
    case 'z':
    case 'Z':
      return ''
    case 'D':
    case 'S':
    case 'W':
      return letter === 'W' ? '-' : 'x'
    default:
      return letter
  }
}

function sampleOfSet(body: string, negated: boolean): string {
  const set = tryRegex(`^[${negated ? '^' : ''}${body}]$`)
  return [...'x1aAz0-._~/'].find(character => set?.test(character)) ?? (negated ? 'x' : (body[0] ?? 'x'))
}

function tryRegex(source: string): RegExp | undefined {
  try {
    return new RegExp(source)
  } catch {
    return undefined
  }
}
