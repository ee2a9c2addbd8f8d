import { apiGroup, type KubeObject, type ObjectRef } from '../kube-object.js'
import type { LinkedObject } from '../manifest/link.js'
import { textMapAt } from '../observe/fields.js'
import { err, ok, type Result } from '../result.js'
import { numberIn } from '../routes/route-fields.js'

/**
 * A Service that leads to another Deployment than its manifest says. Plain JSON.
 *
 *   raising ──(the target is ready)──► moving ──(the selector is applied)──► done ──(another version is asked for)──► raising …
 */
export interface Switch {
  /** Key of the Service. */
  readonly service: string
  /** As a person named it. */
  readonly version: string
  /** What the Service selects from `moving` on. */
  readonly selector: Readonly<Record<string, string>>
  /** What it selects until then; undefined: as the manifest says. */
  readonly from: Readonly<Record<string, string>> | undefined
  /** Key of the Deployment that serves. */
  readonly target: string
  /** Its replicas where its manifest declares none. */
  readonly replicas: number
  /** Keys of Deployments that run no pods now. */
  readonly lowered: readonly string[]
  /** Keys of those that run none once it is done. */
  readonly others: readonly string[]
  readonly stage: 'raising' | 'moving' | 'done'
}

/** Whether a Service is, or is about to be, on another version than its manifest says: without the switch it would lead to pods that are not there. */
export function isAway({ selector, stage }: Switch, declared: KubeObject | undefined): boolean {
  const written = textMapAt(declared, 'spec', 'selector')
  return (
    stage !== 'done' ||
    Object.entries(selector).some(([key, value]) => key in written && written[key] !== value)
  )
}

/** What a switched Service selects now; undefined: as its manifest says. */
export const ledTo = ({ stage, from, selector }: Switch): Switch['selector'] | undefined =>
  stage === 'raising' ? from : selector

/** Why what was asked of a service cannot be cleared while its Service is away. */
export const AWAY =
  'is on another version than its manifest says: switch it back first, then its Service never leads to nobody'

type Objects = readonly Pick<LinkedObject, 'object' | 'ref' | 'key' | 'services'>[]

const isDeployment = ({ apiVersion, kind }: ObjectRef): boolean =>
  apiGroup(apiVersion) === 'apps' && kind === 'Deployment'

const labelsOf = ({ object }: Objects[number]) => textMapAt(object, 'spec', 'template', 'metadata', 'labels')
const replicasOf = ({ object }: Objects[number]): number => numberIn(object, 'spec', 'replicas') ?? 1

/**
 * Finds the two sides. The Service is meant by its own name, or by that of a service whose pods it leads to. The version is the value of the one label in which the
 * Deployments differ, or the name of the Deployment. The error is the end of a sentence.
 */
export function planSwitch(
  objects: Objects,
  asked: { readonly service: string; readonly version: string },
  before: Readonly<Record<string, Switch>>,
): Result<Switch, string> {
  const { service: name, version } = asked
  const services = objects.filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Service')
  const own = objects.filter(object => isDeployment(object.ref) && object.services.includes(name))
  const service =
    services.find(({ ref }) => ref.name === name) ??
    services.find(candidate =>
      own.some(({ object, ref }) => {
        const labels = textMapAt(object, 'spec', 'template', 'metadata', 'labels')
        return (
          ref.namespace === candidate.ref.namespace && fitsBut(selectorOf(candidate), labels) !== undefined
        )
      }),
    )
  if (service === undefined) return err(`has no Service in the manifests, and none is called ${name}`)
  const written = selectorOf(service)
  const sides = objects.filter(
    object =>
      isDeployment(object.ref) &&
      object.ref.namespace === service.ref.namespace &&
      fitsBut(written, labelsOf(object)) !== undefined,
  )
  if (sides.length < 2) return err(`has no second Deployment that service/${service.ref.name} could lead to`)
  const target =
    sides.find(side => Object.values(differing(side, sides)).includes(version)) ??
    sides.find(({ ref }) => ref.name === version)
  if (target === undefined) {
    const known = sides.map(side => Object.values(differing(side, sides))[0] ?? side.ref.name)
    return err(`has no version ${version}, but ${known.join(', ')}`)
  }
  const [key, value] =
    Object.entries(differing(target, sides)).find(([, one]) => one === version) ??
    Object.entries(differing(target, sides))[0] ??
    []
  if (key === undefined || value === undefined)
    return err('has Deployments whose pods differ in no label: a Service cannot tell them apart')
  const last = before[service.key]
  return ok({
    service: service.key,
    version,
    selector: { ...written, [key]: value },
    from: last === undefined ? undefined : last.stage === 'raising' ? last.from : last.selector,
    target: target.key,
    replicas: replicasOf(target) || Math.max(1, ...sides.map(replicasOf)),
    lowered: (last?.lowered ?? []).filter(one => one !== target.key),
    others: sides.flatMap(side => (side === target ? [] : [side.key])),
    stage: 'raising',
  })
}

const selectorOf = ({ object }: Objects[number]) => textMapAt(object, 'spec', 'selector')

/** The label in which a pod differs from a selector; '' where it fits; undefined where it differs in more, or nothing is selected. */
function fitsBut(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  const entries = Object.entries(selector)
  const off = entries.filter(([key, value]) => labels[key] !== value)
  if (entries.length === 0 || off.length > 1 || (off.length === 1 && entries.length === 1)) return undefined
  const [key = ''] = off[0] ?? []
  return off.length === 1 && labels[key] === undefined ? undefined : key
}

/** The labels whose value no other side has. */
function differing(side: Objects[number], sides: Objects): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labelsOf(side)).filter(([key, value]) =>
      sides.every(
        other => other === side || (labelsOf(other)[key] !== undefined && labelsOf(other)[key] !== value),
      ),
    ),
  )
}
