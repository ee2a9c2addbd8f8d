/** The levels that filters and colours know, the least first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** What programs call them: pino, winston, bunyan, logback, zap, logrus, klog, Python, syslog. */
const NAMES: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  silly: 'trace',
  finest: 'trace',
  finer: 'trace',
  verbose: 'debug',
  debug: 'debug',
  dbug: 'debug',
  dbg: 'debug',
  fine: 'debug',
  config: 'debug',
  info: 'info',
  inf: 'info',
  information: 'info',
  informational: 'info',
  http: 'info',
  log: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  eror: 'error',
  severe: 'error',
  fail: 'error',
  fatal: 'fatal',
  ftl: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal',
}

export function levelRank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level)
}

/** A level by any name that programs give it, or by the numbers of pino and bunyan (10 trace … 60 fatal). */
export function levelOf(value: unknown): LogLevel | undefined {
  if (typeof value === 'string') {
    const name = value.toLowerCase()
    if (Object.hasOwn(NAMES, name)) return NAMES[name]
    return /^\d{2}$/.test(name) ? levelOf(Number(name)) : undefined
  }
  if (typeof value !== 'number' || !(value >= 10 && value < 70)) return undefined
  return LOG_LEVELS[Math.floor(value / 10) - 1]
}

/** Where text lines have their level: near the beginning, alone or in brackets or as `level=warn`. */
const KEY = /\b(?:level|lvl|severity)=["']?([a-z]+)/i
/** A word in brackets, before a colon, or in capitals: prose such as "no error so far" names no level. */
const WORD = /(?:^|[\s[(|<])(?:([A-Z]{3,11})|([A-Za-z]{3,13})(?=[\])>:]))(?=$|[\s\])|>:])/g
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d/
const KLOG_LEVELS: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' }
/** Levels stand before the message; a word later is a word. */
const REACH = 80

/** Rows of a stack trace (JVM, Node, Python), which loggers print after the line that has the level. */
const STACK =
  /^\s+at |^\s+File "|^\s+\.\.\. \d+ (?:more|common)|^Caused by: |^Traceback |^(?:[a-z]\w*\.)*[A-Z]\w*(?:Error|Exception)\b/

/** The level of a line of text that is not JSON, where it says one in a common way. Expects text without control sequences. */
export function textLevel(text: string): LogLevel | undefined {
  const head = text.length > REACH ? text.slice(0, REACH) : text
  const klog = KLOG.exec(head)
  if (klog !== null) return KLOG_LEVELS[klog[1] ?? '']
  const key = KEY.exec(text.length > 400 ? text.slice(0, 400) : text)
  if (key !== null) return levelOf(key[1])
  for (const match of head.matchAll(WORD)) {
    const level = levelOf(match[1] ?? match[2])
    if (level !== undefined) return level
  }
  return STACK.test(head) ? 'error' : undefined
}

/** What the level key goes through: everything, then from `info`, `warn` and `error`. */
export function nextLevel(level: LogLevel | undefined): LogLevel | undefined {
  const order: readonly (LogLevel | undefined)[] = [undefined, 'info', 'warn', 'error']
  return order[(order.indexOf(level) + 1) % order.length]
}
