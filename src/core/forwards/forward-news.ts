import type { Announcement } from '../announcement.js'
import { explain } from '../explain.js'
import type { ForwardState } from './forward-state.js'

/** What there is to tell of forwards: addresses that are new, problems once until they are solved or change. */
export function forwardNews(
  before: readonly ForwardState[],
  after: readonly ForwardState[],
): readonly Announcement[] {
  return after.flatMap((now): readonly Announcement[] => {
    const { id, target, namespace, service, address, problem } = now
    const was = before.find(one => one.id === id)
    const of = service === undefined ? {} : { service }
    const told: Announcement[] = []
    if (problem !== undefined && JSON.stringify(problem) !== JSON.stringify(was?.problem))
      told.push({ type: 'problem', object: target, final: false, problem })
    if (problem === undefined && was?.problem !== undefined)
      told.push({ type: 'solved', object: target, title: explain(was.problem).title })
    if (address !== undefined && address !== was?.address)
      told.push({ type: 'forward', target, namespace, ...of, address })
    return told
  })
}
