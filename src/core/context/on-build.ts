import { parseDockerfile } from './dockerfile-instructions.js'
import { findTarget, splitStages } from './dockerfile-stages.js'

/** What an image that is built of a Dockerfile holds back for those that build upon it: the ONBUILD instructions of its stage, without that word. */
export function triggersOf(dockerfile: string, target: string | undefined): readonly string[] {
  const { stages } = splitStages(parseDockerfile(dockerfile))
  const stage = findTarget(stages, target)
  return (stage?.instructions ?? []).filter(({ keyword }) => keyword === 'ONBUILD').map(({ text }) => text)
}
