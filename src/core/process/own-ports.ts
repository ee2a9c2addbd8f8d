/** A port of the container, by the port at 127.0.0.1 that stands for it. */
export type OwnPorts = ReadonlyMap<number, number>

/** `PORT`, `HTTP_PORT`, `server.port`, `serverPort`; not `REPORT`. */
const NAMES_PORT = /(?:^|[^A-Za-z])(?:port|PORT|Port)[sS]?$|[a-z]Ports?$/
/** Where a program listens: `:3000`, `0.0.0.0:3000`, `http://+:8080`. */
const LISTENS =
  /^((?:(?:https?|tcp):\/\/)?(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::1?\]|\*|\+)?:)(\d{1,5})(\/?)$/
/** An argument that names a port: `3000`, `--port=3000`, `-b=0.0.0.0:8000`. */
const ARGUMENT = /^((?:-{1,2}[\w-]+=)?(?:(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::1?\]|\*)?:)?)(\d{1,5})$/

/** The value of a variable with the container's own port replaced; undefined where it has none. */
export function rewriteOwnPort(name: string, value: string, ports: OwnPorts): string | undefined {
  const local = NAMES_PORT.test(name) && /^\d{1,5}$/.test(value) ? ports.get(Number(value)) : undefined
  if (local !== undefined) return `${local}`
  const listens = LISTENS.exec(value)
  const own = ports.get(Number(listens?.[2]))
  return listens === null || own === undefined ? undefined : `${listens[1] ?? ''}${own}${listens[3] ?? ''}`
}

/** An argument with the container's own port replaced; undefined where it names none. */
export function rewritePortArgument(argument: string, ports: OwnPorts): string | undefined {
  const found = ARGUMENT.exec(argument)
  const own = ports.get(Number(found?.[2]))
  return found === null || own === undefined ? undefined : `${found[1] ?? ''}${own}`
}
