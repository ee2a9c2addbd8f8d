import type { KubeObject, ObjectRef } from '../kube-object.js'
import type { FieldChange } from './field-changes.js'

/**
 * One line of the journal. An entry that says what devloop is about to do is on the disk before it does it; one that says what it did may be
 * lost to a crash, and the entry before it is then enough to find out.
 *
 * Secrets: `adopted` and `writing` hold Secrets that were there before in clear, for there is no other way to put them back; the journal's
 * file is readable by its owner only.
 */
export type JournalEntry =
  /** Written before devloop makes a cluster. */
  | { readonly type: 'cluster-created'; readonly provider: string; readonly name: string }
  /** The cluster could not be made, or was deleted: devloop has none. */
  | { readonly type: 'cluster-released' }
  /** The cluster that everything after this line is about. Another UID than before: what was known of the older one is forgotten. */
  | { readonly type: 'cluster-bound'; readonly uid: string }
  /** About to create an object that is not there; the token goes onto the object. */
  | { readonly type: 'intent'; readonly key: string; readonly ref: ObjectRef; readonly token: string }
  /** The API server created it for us. */
  | { readonly type: 'created'; readonly key: string; readonly uid: string }
  /** The object was there before devloop's first write, and looked like this. */
  | {
      readonly type: 'adopted'
      readonly key: string
      readonly ref: ObjectRef
      readonly uid: string
      readonly token: string
      readonly snapshot: KubeObject
      /** UIDs of its ReplicaSets or ControllerRevisions at that time: later ones came with devloop's templates. */
      readonly revisions: readonly string[]
      /** Only in a compacted journal: what devloop changed so far. */
      readonly changes?: readonly FieldChange[]
    }
  /** About to write to an adopted object, which looks like this now. */
  | { readonly type: 'writing'; readonly key: string; readonly before: KubeObject }
  /** The API server took our intent. `changes` says what that did to an adopted object. */
  | {
      readonly type: 'applied'
      readonly key: string
      readonly uid: string
      /** Keyed hash of the manifest object, without devloop's annotations. */
      readonly hash: string
      readonly generation?: number
      readonly resourceVersion: string
      /** The manifest object; a Secret's values as keyed hashes. */
      readonly object: KubeObject
      /** Fields of the manifest that were left to somebody else. */
      readonly left: readonly string[]
      readonly save?: number
      readonly changes?: readonly FieldChange[]
    }
  /** It is gone, or devloop's part in it is: nothing is left to take down. */
  | { readonly type: 'released'; readonly key: string }
  /** A claim that a StatefulSet of ours made, or one of ours that outlives a `down`: stays until `--volumes`. */
  | { readonly type: 'kept-volume'; readonly key: string; readonly ref: ObjectRef; readonly uid: string }
  /** A claim that was there before a StatefulSet of ours came that would use it: never ours. */
  | { readonly type: 'foreign-volume'; readonly uid: string }
