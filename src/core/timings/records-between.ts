import type { State } from '../state.js'
import type { SaveRecord } from './save-record.js'

/** What the state does not hold of a load. */
export type LoadNotes = ReadonlyMap<string, { readonly method: string; readonly sentBytes: number }>

const NAMED = 20

/** Records of the saves that became live between two states. `loads` are by image reference in the local engine. */
export function recordsBetween(before: State, after: State, loads: LoadNotes): readonly SaveRecord[] {
  if (before.services === after.services) return []
  return Object.values(after.services).flatMap((service): readonly SaveRecord[] => {
    const { ledger, image, source } = service
    const was = before.services[service.name]?.ledger
    const { save, savedAt, liveAt, stages } = ledger
    if (liveAt === undefined || (was?.liveAt === liveAt && was.save === save)) return []
    const inputs = source.kind === 'known' ? source : undefined
    const changed = inputs?.save === save ? inputs.changed : []
    const isNew = image?.save === save
    return [
      {
        service: service.name,
        save,
        savedAt,
        liveAt,
        stages: Object.fromEntries(
          Object.entries(stages).flatMap(([stage, time]) => (time === undefined ? [] : [[stage, time]])),
        ),
        changed: changed.slice(0, NAMED),
        more: Math.max(0, changed.length - NAMED),
        image: image?.reference,
        cached: isNew ? image.cached : undefined,
        load: isNew ? loads.get(image.reference) : undefined,
        contextBytes: inputs?.bytes,
      },
    ]
  })
}
