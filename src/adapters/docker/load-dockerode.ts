import { createRequire, Module } from 'node:module'
import type Docker from 'dockerode'

/**
 * dockerode, without what it loads besides: for engines at ssh:// an SSH client, and for sessions, which devloop keeps itself, gRPC. Both together take three
 * times as long to load as dockerode, and 11 MB; they are loaded when they are first used. Where they cannot be found beside it, it is imported as it is.
 */
export async function loadDockerode(): Promise<typeof Docker> {
  const forget = putOff(createRequire(import.meta.url))
  try {
    return (await import('dockerode')).default
  } finally {
    forget()
  }
}

/** Puts stand-ins in the place of the packages until the returned function is called. */
function putOff(own: NodeJS.Require): () => void {
  try {
    const dockerode = createRequire(own.resolve('dockerode'))
    const modem = createRequire(dockerode.resolve('docker-modem'))
    const undo = [
      standIn(modem, 'ssh2', load => ({ Client: whenMade(load, 'Client') })),
      ...['@grpc/grpc-js', '@grpc/proto-loader'].map(name => standIn(dockerode, name, whenRead)),
    ]
    return () => {
      for (const one of undo) one()
    }
  } catch {
    return () => {}
  }
}

type Load = () => Readonly<Record<string | symbol, unknown>>

/** A class that is loaded when the first of it is made. */
function whenMade(load: Load, name: string): unknown {
  return function made(...given: readonly unknown[]) {
    return Reflect.construct(load()[name] as new () => object, given)
  }
}

const whenRead = (load: Load): object => new Proxy({}, { get: (_, key) => load()[key] })

function standIn(require: NodeJS.Require, name: string, exportsOf: (load: Load) => object): () => void {
  const file = require.resolve(name)
  if (require.cache[file] !== undefined) return () => {}
  const module = new Module(file)
  const forget = (): void => {
    if (require.cache[file] === module) delete require.cache[file]
  }
  module.filename = file
  module.loaded = true
  module.exports = exportsOf(() => {
    forget()
    return require(name)
  })
  require.cache[file] = module
  return forget
}
