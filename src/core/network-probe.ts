/** What can be asked of a container over the network. `timeout` is in milliseconds. */
export type NetworkProbe = { readonly port: number; readonly timeout: number } & (
  | {
      readonly kind: 'http'
      readonly path: string
      readonly secure: boolean
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly kind: 'tcp' }
)
