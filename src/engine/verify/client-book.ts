import { refKey } from '../../core/kube-object.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import { clientRef, type ExpectedClient, leftClients } from '../../core/verify/left-clients.js'
import type { ControlRequest } from '../../ports/control-channel.js'
import type { Journal } from '../../ports/journal.js'
import { type TakeDownTools, takeDown } from '../take-down.js'

/** Where a client's pod is written down before it is made, so that it goes even if whoever made it is killed. */
export interface ClientBook {
  /** Resolves when it is on the disk. */
  expect(client: ExpectedClient): Promise<Result<ClientEntry>>
}

export interface ClientEntry {
  /** To be called once the pod has been deleted, or was never made. */
  gone(): Promise<void>
}

/** The book of a command that owns the project. */
export function journalBook(journal: Journal): ClientBook {
  return {
    async expect(client) {
      const written = await expectClient(journal, client)
      if (!written.ok) return written
      const key = refKey(clientRef(client))
      return ok({
        gone: async () => {
          // What cannot be written is found gone by the next command.
          await journal.append([{ type: 'released', key }], { durable: false })
        },
      })
    },
  }
}

/** The book of a command beside an `up`: the `up` writes it, and takes the pod away when this process is gone. */
export function askedBook(
  ask: (
    request: ControlRequest,
    options?: { readonly patience: undefined; readonly signal: AbortSignal },
  ) => Promise<unknown>,
): ClientBook {
  return {
    async expect(client) {
      const answer = await ask({ type: 'client', step: 'expect', client })
      if (!isYes(answer)) return err(refused(answer))
      const held = new AbortController()
      void ask({ type: 'client', step: 'hold', client }, { patience: undefined, signal: held.signal })
      return ok({ gone: async () => held.abort() })
    },
  }
}

/** What an `up` does for a command that makes a client's pod. The answer to `hold` never comes: it is over when the signal is aborted. */
export async function answerClient(
  tools: TakeDownTools,
  { step, client }: Extract<ControlRequest, { type: 'client' }>,
  signal: AbortSignal,
): Promise<unknown> {
  switch (step) {
    case 'expect': {
      const written = await expectClient(tools.journal, client)
      return written.ok ? { ok: true } : { error: 'the journal cannot be written' }
    }
    case 'hold':
      await aborted(signal)
      await removeClients(tools, new Set([refKey(clientRef(client))]))
      return undefined
  }
}

/** Takes away the pods of commands that were killed. Those that cannot be reached stay in the journal, for the next time. */
export async function removeClients(
  tools: TakeDownTools,
  keys: ReadonlySet<string> = leftClients(tools.journal.state()),
): Promise<void> {
  if (keys.size === 0) return
  await takeDown(tools, { keys, volumes: false, patience: PATIENCE, signal: new AbortController().signal })
}

/** Milliseconds. These pods end at once. */
const PATIENCE = 15_000

function expectClient(journal: Journal, client: ExpectedClient): Promise<Result<void>> {
  const ref = clientRef(client)
  return journal.append([{ type: 'intent', key: refKey(ref), ref, token: client.token }], { durable: true })
}

const isYes = (answer: unknown): boolean => typeof answer === 'object' && answer !== null && 'ok' in answer

const refused = (answer: unknown): Problem => ({
  kind: 'usage-invalid',
  message:
    typeof answer === 'object' && answer !== null && 'error' in answer
      ? `the devloop up that runs could not note it: ${String(answer.error)}`
      : 'the devloop up that was asked ended',
})

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
