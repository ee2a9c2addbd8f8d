import { baseImageOf } from '../config/init/base-images.js'
import type { Pairings } from '../config/init/pair-images.js'
import type { FoundDockerfile, FoundImage, ProjectFacts } from '../config/init/project-facts.js'
import type { Decisions } from '../config/init/propose-config.js'
import type { Choose } from './choose.js'

/** The best guess: the first. */
export const guess: Choose = async () => 0

/** Asks what cannot be known: which of several images a Dockerfile builds, and which kustomization is meant. Undefined: whoever was asked left. */
export async function decideInit(
  facts: ProjectFacts,
  { pairings, alone, foreign }: Pairings,
  choose: Choose,
): Promise<Decisions | undefined> {
  const pairs: { dockerfile: FoundDockerfile; image: FoundImage }[] = []
  const left: { dockerfile: FoundDockerfile; why: string }[] = []
  // No manifest names what others are built upon.
  for (const dockerfile of alone) {
    const image = baseImageOf(dockerfile, facts.dockerfiles)
    if (image !== undefined && facts.images.length > 0) pairs.push({ dockerfile, image })
    else
      left.push({
        dockerfile,
        why: `no image of the manifests is called like ${dockerfile.names[0] ?? 'it'}. If it is built:`,
      })
  }
  const taken = new Set<FoundImage>()
  const decline = (dockerfile: FoundDockerfile, why: string) => left.push({ dockerfile, why })
  for (const { dockerfile, candidates } of pairings) {
    const free = candidates.filter(candidate => !taken.has(candidate))
    const [first] = free
    if (first === undefined) {
      const image = candidates[0]?.image ?? ''
      const other = pairs.find(pair => pair.image === candidates[0])?.dockerfile.path ?? 'another Dockerfile'
      decline(
        dockerfile,
        `${image} is built from ${other}. If this is another service, it needs an image of its own:`,
      )
      continue
    }
    const answer =
      free.length === 1
        ? 0
        : await choose(
            `Which image does ${dockerfile.path} build?`,
            free.map(({ image, file }) => `${image} (${file})`),
          )
    if (answer === 'left') return undefined
    const image = answer === undefined ? undefined : free[answer]
    if (image === undefined) decline(dockerfile, 'you chose none of the images. If it is built:')
    else {
      taken.add(image)
      pairs.push({ dockerfile, image })
    }
  }
  const kustomizations = await chosenKustomizations(facts.kustomizations, choose)
  if (kustomizations === undefined) return undefined
  const unbuilt = pairings.flatMap(({ candidates }) => candidates).filter(image => !taken.has(image))
  // What a kustomization renames to an image that is built is built, too.
  const isBuilt = ({ becomes = [] }: FoundImage): boolean =>
    pairs.some(({ image }) => becomes.includes(image.image))
  const others = [...foreign, ...new Set(unbuilt)].filter(image => !isBuilt(image))
  return { pairs, alone: left, foreign: others, kustomizations }
}

/** Overlays of one base (`overlays/dev`, `overlays/prod`) are one choice; kustomizations in folders of their own all count. */
async function chosenKustomizations(
  folders: readonly string[],
  choose: Choose,
): Promise<readonly string[] | undefined> {
  const siblings = new Map<string, string[]>()
  for (const folder of folders) {
    const parent = folder.split('/').slice(0, -1).join('/')
    siblings.set(parent, [...(siblings.get(parent) ?? []), folder])
  }
  const chosen: string[] = []
  for (const group of siblings.values()) {
    const sorted = group.toSorted((a, b) => rank(a) - rank(b))
    const isChoice = sorted.length > 1 && sorted.some(folder => rank(folder) < LAST)
    const answer = isChoice ? await choose('Which kustomization is for developing?', sorted) : 0
    if (answer === 'left') return undefined
    if (!isChoice) chosen.push(...sorted)
    else if (answer !== undefined) chosen.push(...sorted.slice(answer, answer + 1))
  }
  return chosen
}

const ENVIRONMENTS = [
  'dev',
  'development',
  'local',
  'kind',
  'minikube',
  'test',
  'staging',
  'stage',
  'qa',
  'prod',
  'production',
]
const LAST = ENVIRONMENTS.length

/** Environments in the order in which somebody who develops would mean them. */
function rank(folder: string): number {
  const at = ENVIRONMENTS.indexOf(folder.split('/').at(-1)?.toLowerCase() ?? '')
  return at === -1 ? LAST : at
}
