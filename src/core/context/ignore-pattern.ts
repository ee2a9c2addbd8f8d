import { compileGoMatch, literal } from './go-match.js'

/** Says whether one cleaned pattern of an ignore file matches one relative path itself (not a folder above it). */
export type PathTest = (path: string) => boolean

/**
 * Compiles a pattern as moby's patternmatcher does (github.com/moby/patternmatcher, `Pattern.compile`), with its peculiarities: `**` at the start
 * alone is a test of the path's end, so that `**foo` matches `barfoo`; `**` at the end alone is a test of its start; an escaped
 * letter keeps its meaning in a regular expression. @balena/dockerignore ports the version of 2019 and has none of this.
 * Undefined for a malformed pattern.
 */
export function compileIgnorePattern(pattern: string): PathTest | undefined {
  if (compileGoMatch(pattern) === undefined) return undefined
  const chars = [...pattern]
  let type: 'exact' | 'prefix' | 'suffix' | 'regexp' = 'exact'
  let source = '^'
  let inClass = false
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? ''
    const atStart = i === 0
    if (char === '*' && chars[i + 1] === '*') {
      i++
      if (chars[i + 1] === '/') i++
      if (i + 1 < chars.length) {
        source += '(?:.*/)?'
        type = 'regexp'
      } else if (type === 'exact') type = 'prefix'
      else {
        source += '.*'
        type = 'regexp'
      }
      if (atStart) type = 'suffix'
    } else if (char === '*') {
      source += '[^/]*'
      type = 'regexp'
    } else if (char === '?') {
      source += '[^/]'
      type = 'regexp'
    } else if (char === '\\') {
      const next = chars[++i] ?? ''
      source += next === 'a' ? '\\x07' : /[A-Za-z0-9]/.test(next) ? `\\${next}` : literal(next)
      type = 'regexp'
    } else if (char === '[' || char === ']') {
      source += char === ']' && !inClass ? '\\]' : char
      inClass = char === '['
      type = 'regexp'
    } else source += inClass && (char === '-' || char === '^') ? char : literal(char)
  }
  switch (type) {
    case 'exact':
      return path => path === pattern
    case 'prefix': {
      const prefix = pattern.slice(0, -2)
      return path => path.startsWith(prefix)
    }
    case 'suffix': {
      const suffix = pattern.slice(2)
      return path => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1))
    }
    case 'regexp': {
      const expression = compile(`${source}$`)
      return expression === undefined ? undefined : path => expression.test(path)
    }
  }
}

function compile(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'su')
  } catch {
    return undefined
  }
}
