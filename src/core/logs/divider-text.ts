import type { ContainerTermination } from '../rollout-observation.js'

/** What stands before the first line of a run that came after another; `ending` is how that one ended, where it is known. */
export function restartText(restarts: number, ending: ContainerTermination | undefined): string {
  if (ending === undefined) return `restart ${restarts}`
  const { exitCode, reason } = ending
  // `Error` and `Completed` say no more than the code does.
  const why = reason === '' || reason === 'Error' || reason === 'Completed' ? '' : ` (${reason})`
  return `restart ${restarts}, exit code ${exitCode}${why}`
}

/** What stands before the first line of a pod that runs the image of a service. Save 0 is the tree as it was found. */
export function startText(start: {
  readonly save: number | undefined
  readonly image: string
  readonly pod: string
}): string {
  const { save, image, pod } = start
  const name = `image ${shortImage(image)} starts in ${pod}`
  return save === undefined || save === 0 ? name : `save ${save}: ${name}`
}

/** The tag: what differs from save to save. Of a reference by digest its first twelve digits; without either, all of it. */
function shortImage(reference: string): string {
  const [name = '', digest] = reference.split('@', 2)
  const tag = /:([\w.-]+)$/.exec(name)?.[1]
  return tag ?? digest?.replace(/^(sha256:[0-9a-f]{12}).*$/, '$1') ?? reference
}
