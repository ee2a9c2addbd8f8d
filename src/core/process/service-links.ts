import type { LocalService } from './local-service.js'

const HOST = '127.0.0.1'

/**
 * The variables by which Kubernetes tells a container of the Services of its namespace: `TOUR_SRV_SERVICE_HOST`, `TOUR_SRV_SERVICE_PORT[_NAME]`, and those that Docker's links had,
 * `TOUR_SRV_PORT[_3000_TCP…]`. Headless Services have none.
 */
export function serviceLinks(
  services: readonly LocalService[],
  namespace: string,
): readonly (readonly [string, string])[] {
  return services
    .filter(service => service.namespace === namespace && !service.headless)
    .flatMap(({ name, ports }) => {
      const prefix = variableOf(name)
      const [first] = ports
      if (first === undefined) return []
      return [
        [`${prefix}_SERVICE_HOST`, HOST] as const,
        [`${prefix}_SERVICE_PORT`, `${first.local}`] as const,
        ...ports.flatMap(port =>
          port.name === undefined
            ? []
            : [[`${prefix}_SERVICE_PORT_${variableOf(port.name)}`, `${port.local}`] as const],
        ),
        [`${prefix}_PORT`, `tcp://${HOST}:${first.local}`] as const,
        ...ports.flatMap(({ port, local }) => {
          const link = `${prefix}_PORT_${port}_TCP`
          return [
            [link, `tcp://${HOST}:${local}`],
            [`${link}_PROTO`, 'tcp'],
            [`${link}_PORT`, `${local}`],
            [`${link}_ADDR`, HOST],
          ] as const
        }),
      ]
    })
}

const variableOf = (name: string): string => name.toUpperCase().replaceAll('-', '_')
