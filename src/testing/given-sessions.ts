import type { Project } from '../core/project.js'
import {
  built,
  connected,
  type Given,
  type linkedObject,
  loaded,
  rendered,
  save,
  scanned,
  session,
} from './states.js'

/** A save of one service, read. */
export function saved(it: Given, at: number, service: string, digest: string): Given {
  const reading = it.do(save(at, service)).start()
  return reading.do(scanned(reading.state, service, digest))
}

export const finishBuild = (it: Given, service: string, image: string) =>
  it.do(built(it.state, service, image))

/** A connected session with these objects and every service's image built and loaded. */
export function deploying(project: Project, ...objects: readonly ReturnType<typeof linkedObject>[]): Given {
  let it = session(project).start()
  it = it.do(connected(it.state), rendered(it.state, ...objects)).start()
  // What the cluster serves is known now: the manifests are linked again.
  if (it.state.render.run !== undefined) it = it.do(rendered(it.state, ...objects))
  for (const { name } of project.services) it = it.do(scanned(it.state, name, `${name}0`))
  return it
}

export function withImages(it: Given, ...services: readonly string[]): Given {
  let next = it.start()
  for (const name of services) next = finishBuild(next, name, name).start()
  for (const name of services) next = next.do(loaded(next.state, `shop/${name}:dev-${name}`))
  return next
}
