import type { Observation, ObservedContainer, ObservedPod } from '../rollout-observation.js'
import type { LoadState, Observed } from '../state.js'

type Loads = Readonly<Record<string, LoadState>>

/** The kubelet looked for the image on its node, and then in a registry. */
const NOT_FOUND: readonly string[] = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull']

/**
 * The loads with those marked whose image a pod does not find any more: a kubelet that is short of disk removes images that nothing runs, and so do people.
 * Once for each pod that begins to miss it, for a pull can fail for reasons that bringing the image again does not mend.
 */
export function withLostImages(loads: Loads, before: Observed, observations: readonly Observation[]): Loads {
  const missed = new Set(
    observations.flatMap(observation =>
      observation.type === 'pod' ? newlyMissed(observation.pod, before.pods[observation.pod.uid]) : [],
    ),
  )
  if (missed.size === 0) return loads
  const lost = Object.entries(loads).filter(
    ([, load]) => load.kind === 'loaded' && missed.has(load.podReference),
  )
  return lost.length === 0
    ? loads
    : { ...loads, ...Object.fromEntries(lost.map(([image, load]) => [image, { ...load, lost: true }])) }
}

function newlyMissed(pod: ObservedPod, before: ObservedPod | undefined): readonly string[] {
  if (pod.deleting) return []
  const known = missedBy(before)
  return missedBy(pod).filter(image => !known.includes(image))
}

function missedBy(pod: ObservedPod | undefined): readonly string[] {
  return pod === undefined ? [] : pod.containers.filter(isMissingImage).map(({ image }) => image)
}

const isMissingImage = ({ state }: ObservedContainer): boolean =>
  state.kind === 'waiting' && NOT_FOUND.includes(state.reason)
