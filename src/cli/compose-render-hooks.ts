import { noInputs } from '../core/manifest/render-inputs.js'
import type { Project } from '../core/project.js'
import type { RenderHooks } from '../engine/hooks/render-hooks.js'
import type { ProjectState } from '../ports/state-store.js'
import type { Adapters } from './compose.js'
import { composeHooks } from './compose-hooks.js'
import type { CommandIo } from './io.js'

/** The hooks around one reading of the manifests, for a command that prints what comes of it: what they say goes to the other stream. */
export async function composeRenderHooks(
  io: Pick<CommandIo, 'platform' | 'stderr'>,
  adapters: Pick<Adapters, 'runner'>,
  { project, state }: { readonly project: Project; readonly state: ProjectState },
): Promise<{ readonly hooks?: RenderHooks }> {
  const { beforeRender = [], afterRender = [] } = project.hooks ?? {}
  if (beforeRender.length + afterRender.length === 0) return {}
  const tools = await composeHooks(io, adapters, {
    context: state.meta.context,
    stateFolder: state.directory,
  })
  return {
    hooks: {
      ...tools,
      tell: announcement => {
        if (announcement.type === 'notice') io.stderr.write(`${announcement.message}\n`)
      },
      inputs: noInputs,
      left: new Map(),
    },
  }
}
