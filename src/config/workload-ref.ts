import { err, ok, type Result } from '../core/result.js'
import { nearest } from './suggest.js'

const kinds: Readonly<Record<string, readonly string[]>> = {
  deployment: ['deployments', 'deploy'],
  statefulset: ['statefulsets', 'sts'],
  daemonset: ['daemonsets', 'ds'],
  job: ['jobs'],
  cronjob: ['cronjobs', 'cj'],
  pod: ['pods', 'po'],
}

/** `kind/name` with the kind as kubectl writes it in full: `deploy/web` is `deployment/web`. The error is the end of a sentence about the text. */
export function parseWorkloadRef(
  text: string,
): Result<string, { readonly message: string; readonly suggestion?: string }> {
  const [kind = '', name = '', ...rest] = text.split('/')
  if (name === '' || rest.length > 0) return err({ message: 'must be KIND/NAME, as in deployment/web' })
  const lower = kind.toLowerCase()
  const full = Object.keys(kinds).find(known => known === lower || kinds[known]?.includes(lower))
  if (full !== undefined) return ok(`${full}/${name}`)
  const near = nearest(kind, Object.keys(kinds))
  return err({
    message: `names a kind "${kind}" that is no workload`,
    suggestion:
      near === undefined
        ? `the kinds are: ${Object.keys(kinds).join(', ')}`
        : `did you mean "${near}/${name}"?`,
  })
}
