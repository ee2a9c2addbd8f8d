import type { RenderEvent } from '../event.js'
import { selectServices } from '../select-services.js'
import type { ObjectState, State } from '../state.js'
import { countPausedSave } from './intent.js'
import { newService } from './new-service.js'
import { dropFinishedBatches, numberOfBatch } from './source.js'
import { newObject } from './update.js'

type Stamped<E> = E & { readonly at: number }

export function reduceRender(state: State, event: Stamped<RenderEvent>): State {
  const { render } = state
  switch (event.type) {
    case 'render-started':
      return { ...state, render: { ...render, due: false, run: event.run } }
    case 'render-failed':
      if (render.run !== event.run) return state
      return dropFinishedBatches({
        ...state,
        render: {
          ...render,
          run: undefined,
          problem: event.problem.kind === 'cancelled' ? render.problem : event.problem,
          inputs: event.inputs ?? render.inputs,
        },
      })
    case 'render-finished': {
      if (render.run !== event.run) return state
      const changed = isChanged(state, event.manifests.objects)
      const [numbered, save] =
        changed && render.firstAt !== undefined ? numberOfBatch(state, render.firstAt) : [state, render.save]
      return dropFinishedBatches({
        ...numbered,
        services: {
          ...addedServices(state, event.manifests.objects),
          ...(save === render.save
            ? state.services
            : withSave(state, event.manifests.objects, save, event.at)),
        },
        objects: linkObjects(state.objects, event.manifests.objects),
        prune: { ...state.prune, due: state.mode.deploy },
        render: {
          ...render,
          run: undefined,
          problem: undefined,
          manifests: event.manifests,
          warnings: event.manifests.diagnostics,
          inputs: event.inputs,
          firstAt: render.due ? render.firstAt : undefined,
          save,
        },
      })
    }
  }
}

type Linked = ObjectState['linked']

/** Services that the manifests show to be needed: who asked for some of them depends on a workload that others build. */
function addedServices(state: State, objects: readonly Linked[]): State['services'] {
  const { project, mode } = state
  if (mode.only === undefined) return {}
  const added = selectServices(project, mode.only, objects).filter(({ name }) => !(name in state.services))
  return Object.fromEntries(added.map(spec => [spec.name, newService(spec)]))
}

/** A save of manifests is one of the services whose objects it changed. */
function withSave(state: State, objects: readonly Linked[], save: number, at: number): State['services'] {
  const changed = new Set(
    objects
      .filter(linked => state.objects[linked.key]?.linked.contentHash !== linked.contentHash)
      .flatMap(linked => linked.services),
  )
  return Object.fromEntries(
    Object.entries(state.services).map(([name, service]) => [
      name,
      changed.has(name) && service.ledger.save < save
        ? {
            ...countPausedSave(service),
            ledger: {
              ...service.ledger,
              save,
              savedAt: state.render.firstAt ?? at,
              stages: {},
              liveAt: undefined,
            },
          }
        : service,
    ]),
  )
}

function isChanged(state: State, objects: readonly Linked[]): boolean {
  return (
    objects.length !== Object.keys(state.objects).length ||
    objects.some(linked => state.objects[linked.key]?.linked.contentHash !== linked.contentHash)
  )
}

/** What was applied stays known; an object that is no longer in the manifests is no longer ours to apply, and stays in the cluster until `down`. */
function linkObjects(before: State['objects'], objects: readonly Linked[]): State['objects'] {
  const next: Record<string, ObjectState> = {}
  for (const linked of objects) {
    const known = before[linked.key]
    next[linked.key] = known === undefined ? newObject(linked) : { ...known, linked }
  }
  return next
}
