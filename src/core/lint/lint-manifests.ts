import type { LinkedObject } from '../manifest/link.js'
import { inSuccessor } from '../manifest/successors.js'
import type { Diagnostic } from '../problem.js'
import type { ServiceSpec } from '../project.js'
import { lintBackends } from './lint-backends.js'
import { lintEnvironment, lintImages, lintProbes } from './lint-containers.js'
import type { LintFinding } from './lint-finding.js'
import { lintReferences } from './lint-references.js'
import { lintServices } from './lint-services.js'
import { lintTargets } from './lint-targets.js'
import { lintVersions } from './lint-versions.js'

export interface LintInput {
  readonly objects: readonly LinkedObject[]
  readonly services: readonly ServiceSpec[]
  /** Whether a cluster said what it serves: objects are in versions that it has, then, or fail by themselves. */
  readonly connected: boolean
}

/** What is most likely not meant, in the order of the manifests' objects and rules. */
export function lintManifests({ objects: written, services, connected }: LintInput): readonly LintFinding[] {
  const objects = connected ? written : written.map(modern)
  return [
    ...(connected ? [] : lintVersions(written)),
    ...lintServices(objects),
    ...lintBackends(objects),
    ...lintReferences(objects),
    ...lintTargets(objects),
    ...lintImages(objects, services),
    ...lintEnvironment(objects),
    ...lintProbes(objects),
  ]
}

/** As most clusters would get it: the rules know present versions only. */
function modern(linked: LinkedObject): LinkedObject {
  const object = inSuccessor(linked.object)
  return object === undefined
    ? linked
    : { ...linked, object, ref: { ...linked.ref, apiVersion: object.apiVersion } }
}

/** A finding at the place of its object. */
export function lintDiagnostic({ object, message, suggestion }: LintFinding): Diagnostic {
  return {
    severity: 'warning',
    message,
    range: object.source,
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}
