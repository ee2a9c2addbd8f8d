const NUMBERS: Readonly<Record<string, string>> = {
  '1': 'SIGHUP',
  '2': 'SIGINT',
  '3': 'SIGQUIT',
  '9': 'SIGKILL',
  '10': 'SIGUSR1',
  '12': 'SIGUSR2',
  '15': 'SIGTERM',
  '28': 'SIGWINCH',
}

const NAMES = new Set(Object.values(NUMBERS))

/** STOPSIGNAL as a name: `15`, `TERM`, `sigterm` are `SIGTERM`. What Node cannot send (real-time signals) is `SIGTERM`, too. */
export function stopSignalOf(text: string): string {
  const upper = text.trim().toUpperCase()
  const name = NUMBERS[upper] ?? (upper.startsWith('SIG') ? upper : `SIG${upper}`)
  return NAMES.has(name) ? name : 'SIGTERM'
}
