/** A name that the manifests or the config want a browser on this machine to find, and how it resolves at present. */
export interface HostName {
  readonly name: string
  /** Who wants it: `ingress/tour in k8s/ingress.yaml:3`, `hosts in dev.config.yaml`. */
  readonly wantedBy: readonly string[]
  /** The address that it must have; undefined as long as the provider cannot say. */
  readonly address: string | undefined
  /** What this machine resolves it to now; empty for nothing. */
  readonly resolvesTo: readonly string[]
  readonly state: 'ok' | 'missing' | 'wrong' | 'unknown'
  /** The line that the hosts file lacks for it; absent where none does. */
  readonly line?: string
  /** Why the state is as it is, or what a person must do beyond the line. */
  readonly hint?: string
}

/** All that a person must know to reach the services by name. */
export interface HostsReport {
  /** The hosts file of this system. */
  readonly file: string
  readonly names: readonly HostName[]
  /** The exact lines that the hosts file lacks; none where every name is right. */
  readonly lines: readonly string[]
  /** What concerns all names: another hosts file that browsers read, ports that are not 80. */
  readonly notes?: readonly string[]
}
