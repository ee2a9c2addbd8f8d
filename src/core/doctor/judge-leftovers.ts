import { plural } from '../explain/explanation.js'
import { type Finding, finding } from './finding.js'

/** What an earlier or present run left in devloop's own folder about one project on one cluster. */
export interface ProjectTraces {
  readonly name: string
  readonly context: string
  /** The config's folder, and whether it still is there. */
  readonly root: string
  readonly isRootThere: boolean
  /** Where this is written. */
  readonly directory: string
  /** Who owns it now, if anybody. */
  readonly owner: { readonly pid: number; readonly command: string } | undefined
  /** Whether an owner ended without giving its lock back. */
  readonly hasDeadOwner: boolean
  /** Programs of a dead owner that still run. */
  readonly orphans: readonly number[]
  /** Whether its journal knows of objects. */
  readonly hasJournal: boolean
}

/** Blocks in the hosts file, by the ids that their first lines have, which no known project has. */
export interface LeftoverFacts {
  readonly projects: readonly ProjectTraces[]
  readonly strayBlocks: readonly string[]
  readonly hostsFile: string
  /** Of the project here; undefined without a config. */
  readonly root: string | undefined
}

/** What earlier runs left behind. Nothing of it stops `up`. */
export function judgeLeftovers(facts: LeftoverFacts): readonly Finding[] {
  const findings = [...facts.projects.flatMap(judgeProject), ...judgeBlocks(facts)]
  const running = facts.projects.filter(({ owner }) => owner !== undefined)
  const here = running.find(({ root }) => root === facts.root)
  const told = running.map(
    ({ name, context, owner }) =>
      `devloop ${owner?.command ?? ''} runs for ${name} on ${context} (pid ${owner?.pid ?? ''})`,
  )
  if (here !== undefined && here.owner?.command === 'up')
    return [...findings, finding('leftovers', 'ok', told.join('; '))]
  if (findings.length > 0) return findings
  const known = facts.projects.filter(({ hasJournal }) => hasJournal).length
  const text = `nothing of a run that ended badly${known === 0 ? '' : `; ${plural(known, 'project')} known`}`
  return [finding('leftovers', 'ok', [text, ...told].join('; '))]
}

function judgeProject(project: ProjectTraces): readonly Finding[] {
  const { name, context, root, orphans, owner } = project
  const findings: Finding[] = []
  if (owner === undefined && orphans.length > 0)
    findings.push(
      finding(
        'leftovers',
        'warning',
        `${plural(orphans.length, 'program')} of a run of ${name} on ${context} that was killed still run (pid ${orphans.join(', ')})`,
        project.isRootThere
          ? `The next devloop up or down in ${root} ends them.`
          : `End them: kill ${orphans.join(' ')}`,
      ),
    )
  else if (project.hasDeadOwner && owner === undefined && project.isRootThere)
    findings.push(
      finding(
        'leftovers',
        'warning',
        `the last run of ${name} on ${context} was killed, or this machine went down under it`,
        `Its objects are known: devloop up in ${root} goes on with them, devloop down takes them away.`,
      ),
    )
  if (!project.isRootThere && project.hasJournal)
    findings.push(
      finding(
        'leftovers',
        'warning',
        `the folder ${root} of ${name} is gone, and its objects may still be on ${context}`,
        `devloop down, in that folder made again (it may be empty), deletes them by their journal in ${project.directory}.`,
      ),
    )
  return findings
}

function judgeBlocks({ strayBlocks, hostsFile }: LeftoverFacts): readonly Finding[] {
  if (strayBlocks.length === 0) return []
  return [
    finding(
      'leftovers',
      'warning',
      `${hostsFile} has lines of projects that devloop no longer knows: ${strayBlocks.join(', ')}`,
      `Delete them by hand, each from "# BEGIN devloop …" to "# END devloop …": sudoedit ${hostsFile}`,
    ),
  ]
}
