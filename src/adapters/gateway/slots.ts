/** Places of replicas: a pod keeps its place, and a new pod takes that of one that is gone. Undefined is a place whose pod is gone. */
export function assignSlots(
  before: readonly (string | undefined)[],
  ready: readonly { readonly uid: string }[],
): readonly (string | undefined)[] {
  const uids = ready.map(({ uid }) => uid)
  const slots = before.map(uid => (uid !== undefined && uids.includes(uid) ? uid : undefined))
  for (const uid of uids) {
    if (slots.includes(uid)) continue
    const free = slots.indexOf(undefined)
    if (free === -1) slots.push(uid)
    else slots[free] = uid
  }
  return slots
}
