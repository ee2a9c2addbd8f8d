import type { Announcement } from '../announcement.js'
import type { StampedEvent } from '../event.js'
import type { State } from '../state.js'

/** Which images nodes have lost, and get again. */
export function lostNews(before: State, after: State): readonly Announcement[] {
  if (before.loads === after.loads) return []
  return Object.entries(after.loads).flatMap(([image, load]) => {
    const known = before.loads[image]
    const isNew = load.kind === 'loaded' && load.lost === true && !(known?.kind === 'loaded' && known.lost)
    return isNew
      ? [notice(`${image} was on the nodes, and a pod does not find it there: it is loaded again`)]
      : []
  })
}

/** That an image is built again, for the local engine has it no more. */
export function absentNews(
  before: State,
  after: State,
  { image }: Extract<StampedEvent, { type: 'load-failed' }>,
): readonly Announcement[] {
  return Object.values(before.services).flatMap(({ name, image: made }) =>
    made?.reference === image && after.services[name]?.image === undefined
      ? [{ ...notice(`${image} is not in the local Docker any more: it is built again`), service: name }]
      : [],
  )
}

const notice = (message: string) => ({ type: 'notice', message }) as const
