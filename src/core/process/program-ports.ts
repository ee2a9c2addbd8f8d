import { declaredPorts } from '../embedded/container-ports.js'
import { valueAt } from '../manifest/fields.js'
import { containersOf } from '../manifest/pod-template.js'
import { memo } from '../memo.js'
import type { State } from '../state.js'

const NONE: ReadonlySet<number> = new Set()

/** Ports of this machine that the programs of a project without a cluster may listen at by themselves: nothing that may have another takes them. */
export function programPorts({ project, render }: Pick<State, 'project' | 'render'>): ReadonlySet<number> {
  if (project.cluster.kind !== 'process' || render.manifests === undefined) return NONE
  return portsOf(render.manifests)
}

const portsOf = memo(
  ({ objects }: NonNullable<State['render']['manifests']>): ReadonlySet<number> =>
    new Set(
      objects.flatMap(({ object }) =>
        containersOf(object).flatMap(({ path }) =>
          declaredPorts(valueAt(object, path)).map(({ containerPort }) => containerPort),
        ),
      ),
    ),
)
