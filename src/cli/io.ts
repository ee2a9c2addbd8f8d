/** All that a command touches of the process that it runs in, so that a test can call it. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly platform: NodeJS.Platform
  readonly home: string
  /** Calls back at each Ctrl-C or SIGTERM until the returned function is called. */
  onInterrupt(callback: () => void): () => void
}
