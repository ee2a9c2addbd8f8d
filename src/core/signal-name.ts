/** Those that have the same number on every POSIX system. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
}

/** `SIGKILL` of 9; `signal 31` of one whose name depends on the system. */
export function signalName(number: number): string {
  return NAMES[number] ?? `signal ${number}`
}
