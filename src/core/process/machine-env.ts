/** What programs need of the machine that they run on; everything else of a person's environment stays theirs, as it does in a cluster. */
const NAMES =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LC_[A-Z]+|TZ|JAVA_HOME|NVM_DIR|VIRTUAL_ENV|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|SystemRoot|SystemDrive|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|ProgramData|ProgramFiles|windir)$/i

/** The part of this machine's environment that a container's process gets, before its own variables. */
export function machineEnv(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && NAMES.test(name) ? [[name, value] as const] : [],
    ),
  )
}
