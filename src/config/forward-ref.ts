import type { ForwardKind } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import { nearest } from './suggest.js'

const kinds: Readonly<Record<ForwardKind, readonly string[]>> = {
  service: ['services', 'svc'],
  pod: ['pods', 'po'],
  deployment: ['deployments', 'deploy'],
  statefulset: ['statefulsets', 'sts'],
  daemonset: ['daemonsets', 'ds'],
  job: ['jobs'],
}

const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/

export interface ForwardRef {
  readonly kind: ForwardKind
  readonly name: string
  readonly port: number | string | undefined
}

/** `KIND/NAME`, or `KIND/NAME:PORT`; the kind may be short, as kubectl has it: `svc/web:80`. The error is the end of a sentence about the text. */
export function parseForwardRef(
  text: string,
): Result<ForwardRef, { readonly message: string; readonly suggestion?: string }> {
  const [target = '', port, ...more] = text.split(':')
  const [given = '', name, ...rest] = target.split('/')
  if (name === undefined && NAME.test(given))
    return err({
      message: 'must say what it is, as in service/web',
      suggestion: `write "service/${text}"`,
    })
  if (name === undefined || rest.length > 0 || more.length > 0 || !NAME.test(name))
    return err({ message: 'must be KIND/NAME or KIND/NAME:PORT, as in service/web:80' })
  const kind = kindOf(given)
  if (kind === undefined) return err(unknownKind(given, text))
  if (port === undefined) return ok({ kind, name, port: undefined })
  if (!/^\d+$/.test(port))
    return /^[a-z0-9-]*[a-z][a-z0-9-]*$/.test(port)
      ? ok({ kind, name, port })
      : err({ message: 'ends with no port: a number, or the name of one' })
  const number = Number(port)
  return number >= 1 && number <= 65_535
    ? ok({ kind, name, port: number })
    : err({ message: 'must end with a port from 1 to 65535' })
}

const names = Object.keys(kinds) as readonly ForwardKind[]

function kindOf(given: string): ForwardKind | undefined {
  const lower = given.toLowerCase()
  return names.find(known => known === lower || kinds[known].includes(lower))
}

function unknownKind(given: string, text: string) {
  const near = nearest(given, names)
  return {
    message: `names a kind "${given}" that has no ports to forward`,
    suggestion:
      near === undefined
        ? `the kinds are: ${names.join(', ')}`
        : `did you mean "${near}${text.slice(given.length)}"?`,
  }
}
