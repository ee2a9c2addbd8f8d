/** Structured log lines on stdout: one JSON object each. */
export function createLog(service) {
  const write =
    level =>
    (message, fields = {}) => {
      const line = { time: new Date().toISOString(), level, service, message, ...fields }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
