import { err, ok, type Result } from '../result.js'
import type { Revision } from './revisions.js'

/** A revision as a person names it; of a workload where several of a service count for themselves. */
export interface RevisionName {
  readonly workload: string | undefined
  readonly revision: number
}

/** A workload of a service with the revisions that the cluster keeps, newest first. */
export interface KeptRevisions {
  readonly kind: string
  readonly name: string
  readonly revisions: readonly Revision[]
}

/** Reads `3`, `worker:3` or `deployment/worker:3`. */
export function parseRevisionName(text: string): RevisionName | undefined {
  const [, workload, revision] = /^(?:([\w./-]+):)?(\d+)$/.exec(text) ?? []
  return revision === undefined || Number(revision) === 0
    ? undefined
    : { workload: workload?.toLowerCase(), revision: Number(revision) }
}

/** The revision that is meant, of whose image all workloads of the service are to be. The error is a sentence without its end. */
export function findRevision(
  service: string,
  all: readonly KeptRevisions[],
  { workload, revision }: RevisionName,
): Result<Revision, string> {
  const asked = all.filter(({ kind, name }) =>
    workload === undefined ? true : [name, `${kind.toLowerCase()}/${name}`].includes(workload),
  )
  if (asked.length === 0) return err(`${service} has no workload ${workload}`)
  const found = asked.flatMap(one => {
    const kept = one.revisions.find(each => each.revision === revision)
    return kept === undefined ? [] : [{ ...one, kept }]
  })
  const [first, ...others] = found
  if (first === undefined) {
    const numbers = new Set(asked.flatMap(({ revisions }) => revisions.map(each => each.revision)))
    const kept = [...numbers].sort((a, b) => b - a).join(', ')
    return err(`the cluster keeps no revision ${revision} of ${service}${kept === '' ? '' : `, but ${kept}`}`)
  }
  if (others.some(({ kept }) => kept.image !== first.kept.image)) {
    const names = found.map(({ name }) => `${name}:${revision}`).join(' or ')
    return err(`revision ${revision} is of another image in each workload of ${service}: name it as ${names}`)
  }
  const live = first.revisions.find(each => each.live)
  if (live?.image === first.kept.image)
    return err(
      live.revision === revision
        ? `${service} runs revision ${revision} already`
        : `revision ${revision} has the image that ${service} runs already: what else it had is in the manifests`,
    )
  return ok(first.kept)
}
