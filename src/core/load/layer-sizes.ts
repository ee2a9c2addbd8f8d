/** An entry of an image's history as the engine's API gives it, in its order: newest first. */
export interface HistoryEntry {
  readonly Size: number
  readonly CreatedBy: string
}

// Instructions that change the config alone. WORKDIR is not among them: it may make a layer.
const METADATA =
  /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/

/**
 * Content bytes of each layer, base first. The engine does not say which history entries made a layer, so entries without content are told
 * apart by their instruction. Where that does not come out even, the sizes are upper bounds: entries with content, counted from the newest.
 */
export function layerSizes(history: readonly HistoryEntry[], layerCount: number): readonly number[] {
  const withContent = history.filter(entry => entry.Size > 0)
  const likely = history.filter(entry => entry.Size > 0 || !METADATA.test(entry.CreatedBy))
  const chosen = [likely, withContent].find(entries => entries.length === layerCount)
  if (chosen !== undefined) return chosen.map(entry => entry.Size).reverse()
  const newest = withContent.slice(0, layerCount).map(entry => entry.Size)
  while (newest.length < layerCount) newest.push(0)
  const rest = withContent.slice(layerCount).reduce((sum, entry) => sum + entry.Size, 0)
  return newest.reverse().map((size, index) => (index === 0 ? size + rest : size))
}
