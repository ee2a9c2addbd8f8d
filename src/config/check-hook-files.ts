import type { Hooks } from '../core/hooks/hook-spec.js'
import type { Project } from '../core/project.js'
import { kindOf, nearbyFolder, shown } from './files.js'
import { type ConfigPath, type Finding, finding } from './finding.js'

/** Folders and inputs of hooks that are not there. An input may be what a hook before it writes: that one is a warning. */
export async function checkHookFiles(
  project: Project,
  damaged: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const found = await Promise.all([
    checkAll(project.hooks ?? {}, ['hooks'], project.root),
    ...project.services
      .filter(({ name }) => !damaged.has(name))
      .map(({ name, hooks }) => checkAll(hooks ?? {}, ['services', name, 'hooks'], project.root)),
  ])
  return found.flat()
}

async function checkAll(hooks: Hooks, path: ConfigPath, root: string): Promise<readonly Finding[]> {
  const outputs = Object.values(hooks)
    .flat()
    .flatMap(hook => hook.outputs ?? [])
  const findings: Finding[] = []
  for (const hook of Object.values(hooks).flat()) {
    const index = /\[(\d+)\]$/.exec(hook.id)?.[1]
    const at = [...path, hook.stage, ...(index === undefined ? [] : [Number(index)])]
    if (hook.place.kind !== 'host') continue
    const { cwd } = hook.place
    const kind = await kindOf(cwd)
    if (kind !== 'folder') {
      const message = `the hook's folder ${shown(cwd, root)} ${kind === 'file' ? 'is a file' : 'does not exist'}`
      findings.push(finding([...at, 'cwd'], message, { suggestion: await nearbyFolder(cwd, root) }))
      continue
    }
    for (const [place, { base, text }] of (hook.inputs ?? []).entries()) {
      const isMade = outputs.some(output => `${base}/`.startsWith(`${output.base}/`))
      if (isMade || (await kindOf(base)) !== undefined) continue
      findings.push(
        finding([...at, 'inputs', place], `${text} does not exist in ${shown(cwd, root)}`, {
          severity: 'warning',
          suggestion: "inputs are relative to the hook's folder",
        }),
      )
    }
  }
  return findings
}
