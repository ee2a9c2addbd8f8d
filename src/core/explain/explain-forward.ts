import type { ForwardFailed } from '../problem.js'
import { type Explanation, linesOf } from './explanation.js'

/** Who has a port, for people. */
export const ownerText = (owner: ForwardFailed['owner']): string =>
  owner === undefined ? 'another program' : `${owner.program} (pid ${owner.pid})`

export function explainForward({ target, port, reason, message, owner }: ForwardFailed): Explanation {
  const by = ownerText(owner)
  const titles = {
    taken: `port ${port} is taken by ${by}, so ${target} is not forwarded`,
    rights: `you may not listen at port ${port}, so ${target} is not forwarded`,
    address: `this machine has not the address to listen at, so ${target} is not forwarded`,
    target: `${target} cannot be forwarded: ${message}`,
    other: `${target} cannot be forwarded`,
  }
  const hints = {
    taken: [
      `End ${by}: devloop takes the port as soon as it is free. Or give the forward another "local" in dev.config.yaml; without one, devloop finds a free one.`,
    ],
    rights: ['Choose a "local" from 1024 on in dev.config.yaml; without one, devloop finds a free one.'],
    address: ['Correct the "address" in dev.config.yaml, or leave it out for 127.0.0.1.'],
    target: ['Correct the entry of "portForward" in dev.config.yaml.'],
    other: [],
  }
  return {
    title: titles[reason],
    detail: reason === 'target' ? [] : linesOf(message),
    hints: hints[reason],
    anchor: `forward-${reason}`,
  }
}
