import type { KubeObject, ObjectRef } from '../../core/kube-object.js'
import type { OwnedObject } from '../../core/ownership/journal-state.js'
import type { SourceRange } from '../../core/problem.js'
import type { Result } from '../../core/result.js'
import type { Cluster } from '../../ports/cluster.js'
import type { FieldLocator } from '../../ports/field-locator.js'
import type { Journal } from '../../ports/journal.js'

export interface ApplyTools {
  readonly cluster: Cluster
  readonly journal: Journal
  /** Finds where a field of an object is written; absent where nobody reads the notices. */
  readonly locateField?: FieldLocator
  /** Fields that were left out, by object: each is told once. */
  readonly leftOut?: Map<string, ReadonlySet<string>>
  /** Told of an object that has to go before it can be made anew; what it returns is called once it is gone. */
  readonly onGoing?: (live: KubeObject) => () => void
  /** Told of an object that the API server is asked for or given; what it returns is called when that has answered. */
  readonly onAsked?: (ref: ObjectRef) => () => void
}

export interface ApplyRequest {
  /** As rendered, with the images replaced; without devloop's annotations. */
  readonly object: KubeObject
  readonly source?: SourceRange
  readonly signal: AbortSignal
  /** Number of the save that this apply belongs to; goes onto the object where something is written anyway. */
  readonly save?: number
  /** Also where nothing changed, and with what somebody else changed by hand put back. */
  readonly takeBack?: boolean
  /** Also where it is not there for having done its work. */
  readonly again?: boolean
  /** The object was made to run no pods, whoever else scales it. */
  readonly scaledToZero?: boolean
}

export interface ApplyOutcome {
  readonly outcome: 'unchanged' | 'created' | 'configured' | 'recreated'
  readonly uid: string
  /** 0 for kinds without one. */
  readonly generation: number
  readonly resourceVersion: string
  /** As the API server has it; undefined for a Job that finished and was removed by its own `ttlSecondsAfterFinished`, or as a hook. */
  readonly live: KubeObject | undefined
  /** For people: fields that were taken or left, the API server's warnings. */
  readonly notices: readonly string[]
}

/** What one look and one write came to: `again` where the object changed in between. */
export type Step = Result<ApplyOutcome> | 'again'

/** What the journal has of an object that is in the cluster. */
export type Known = Exclude<OwnedObject, { origin: 'intent' }>
