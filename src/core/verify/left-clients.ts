import type { ObjectRef } from '../kube-object.js'
import type { JournalState } from '../ownership/journal-state.js'

/** A client's pod, and the random token that tells it from one of the same name that somebody else made. */
export interface ExpectedClient {
  readonly namespace: string
  readonly name: string
  readonly token: string
}

const PREFIX = 'devloop-verify-'

/** @param id eight hexadecimal digits */
export const clientName = (id: string): string => `${PREFIX}${id}`

export const isClientName = (name: string): boolean =>
  name.startsWith(PREFIX) && /^[\da-f]{8}$/.test(name.slice(PREFIX.length))

export const clientRef = ({ namespace, name }: Pick<ExpectedClient, 'namespace' | 'name'>): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace,
  name,
})

/**
 * Keys of the client pods that the journal expects. They stay intents as long as they live: whoever finds one without the command that made it
 * takes it away, and what is dropped from the manifests is not looked for among them.
 */
export function leftClients({ objects }: JournalState): ReadonlySet<string> {
  return new Set(
    [...objects.values()].flatMap(({ key, origin, ref }) =>
      origin === 'intent' && ref.kind === 'Pod' && ref.apiVersion === 'v1' && isClientName(ref.name)
        ? [key]
        : [],
    ),
  )
}
