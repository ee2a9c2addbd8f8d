import { type LogLevel, levelOf } from './log-level.js'
import { plainText, type Span } from './styled-text.js'

/** A structured line in the parts that readers look for. Texts are as the program wrote them, control sequences included. */
export interface JsonLine {
  readonly message: string
  readonly level: LogLevel | undefined
  /** The line's own time, as `key` and text. */
  readonly time: readonly [string, string] | undefined
  /** The rest in the order of the line, those that are the same in every line last. */
  readonly fields: readonly (readonly [string, string])[]
  /** A stack trace, with line ends. */
  readonly stack: string | undefined
}

/** Message keys of pino, winston and zap, bunyan, logstash encoders, structlog, Serilog's compact format, in order of preference. */
const MESSAGE = ['message', 'msg', '@message', '@m', '@mt', 'event', 'log']
const LEVEL = ['level', 'lvl', 'severity', 'log.level', 'levelname', 'loglevel', '@l']
const TIME = ['time', 'ts', 'timestamp', '@timestamp', '@t', 'datetime', 'asctime']
const STACK = ['stack', 'stack_trace', 'stacktrace', 'stackTrace', 'exc_info', 'exception', 'traceback', '@x']
const ERROR = ['err', 'error']
/** The same in every line of a process: pino's and bunyan's header, logstash's version. */
const CONSTANT = new Set(['pid', 'hostname', 'v', '@version', 'level_value'])

/** Undefined for what is not a whole JSON object. */
export function parseJsonLine(text: string): JsonLine | undefined {
  const start = text.trimStart()
  if (!start.startsWith('{') || !start.trimEnd().endsWith('}')) return undefined
  const value = parse(start)
  if (value === undefined) return undefined
  const rest = new Map(Object.entries(value))
  const message = take(rest, MESSAGE, value => typeof value === 'string')
  const level = take(rest, LEVEL, value => jsonLevel(value) !== undefined)
  const time = take(rest, TIME, value => typeof value === 'string' || typeof value === 'number')
  const stack = takeStack(rest)
  const entries = [...rest].map(([key, value]) => [key, fieldText(value)] as const)
  const constant = ([key]: readonly [string, string]) => CONSTANT.has(key)
  return {
    message: message === undefined ? '' : String(message.value),
    level: jsonLevel(level?.value),
    time: time === undefined ? undefined : [time.key, fieldText(time.value)],
    fields: [...entries.filter(entry => !constant(entry)), ...entries.filter(constant)],
    stack,
  }
}

/** Some loggers colour the level within the JSON. */
function jsonLevel(value: unknown): LogLevel | undefined {
  return levelOf(typeof value === 'string' ? plainText(value) : value)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function take(rest: Map<string, unknown>, keys: readonly string[], fits: (value: unknown) => boolean) {
  const key = keys.find(name => rest.has(name) && fits(rest.get(name)))
  if (key === undefined) return undefined
  const value = rest.get(key)
  rest.delete(key)
  return { key, value }
}

/** A stack of its own, or the one of an error object, whose other fields stay. */
function takeStack(rest: Map<string, unknown>): string | undefined {
  const own = take(rest, STACK, isStack)
  if (own !== undefined) return String(own.value)
  for (const key of ERROR) {
    const value = rest.get(key)
    if (isStack(value)) {
      rest.delete(key)
      return String(value)
    }
    if (!isObject(value)) continue
    const stack = value.stack
    if (!isStack(stack)) continue
    rest.delete(key)
    for (const [name, field] of Object.entries(value)) {
      // A stack begins with the error's name and message.
      const told = (name === 'type' || name === 'name' || name === 'message') && stack.includes(String(field))
      if (name !== 'stack' && !told) rest.set(`${key}.${name}`, field)
    }
    return stack
  }
  return undefined
}

function isStack(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n')
}

function fieldText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[\p{L}\p{N}\p{M}._\-/:@%+*,;?&#~[\]()]+$/u.test(value) ? value : JSON.stringify(value)
}

const DIM = '2'

/** SGR parameters of a level: legible on light and dark, none of them black or white. */
export function levelStyle(level: LogLevel, color: boolean): string {
  switch (level) {
    case 'trace':
    case 'debug':
      return DIM
    case 'info':
      return color ? '32' : ''
    case 'warn':
      return color ? '33' : '1'
    case 'error':
      return color ? '31' : '1'
    case 'fatal':
      return color ? '1;31' : '1;7'
  }
}

/** A structured line for reading: the level, the message, the fields dimmed, a stack in rows of its own. */
export function jsonSpans(
  line: JsonLine,
  options: { readonly color: boolean; readonly time: boolean },
): readonly Span[] {
  const spans: Span[] = []
  const add = (text: string, style = '') => {
    if (text !== '') spans.push({ text, style })
  }
  if (line.level !== undefined) {
    add(line.level.toUpperCase().padEnd(5), levelStyle(line.level, options.color))
    add(' ')
  }
  add(plainText(line.message.trimEnd()))
  const fields = options.time && line.time !== undefined ? [line.time, ...line.fields] : line.fields
  if (fields.length > 0) {
    const text = fields.map(([key, value]) => `${oneLine(key)}=${oneLine(value)}`).join(' ')
    add(`${line.message === '' ? '' : '  '}${text}`, DIM)
  }
  if (line.stack !== undefined) add(`\n${plainText(line.stack.trimEnd())}`, DIM)
  return spans
}

function oneLine(text: string): string {
  return plainText(text).replace(/[\n\t]+/g, ' ')
}
