/** One thing that points at another. */
export interface Edge {
  readonly from: string
  readonly to: string
}

/** Every cycle once, as the names along it from its first name in the given order, which ends it too: `['a', 'b', 'a']`. */
export function findCycles(names: readonly string[], edges: readonly Edge[]): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = []
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name)
    if (start !== -1) {
      cycles.push([...trail.slice(start), name])
      return
    }
    if (done.has(name)) return
    for (const edge of edges) if (edge.from === name) visit(edge.to, [...trail, name])
    done.add(name)
  }
  for (const name of names) visit(name, [])
  return cycles
}
