/** A Service whose ports are at 127.0.0.1. */
export interface LocalService {
  readonly namespace: string
  readonly name: string
  readonly headless: boolean
  readonly ports: readonly {
    readonly name: string | undefined
    /** As the Service has it. */
    readonly port: number
    /** At 127.0.0.1; the same for as long as the Service is there. */
    readonly local: number
  }[]
}
