import { existsSync } from 'node:fs'

/** A file of this package by its path in it, wherever the build has put the module that asks. */
export function packageFile(path: string, from: URL = new URL('./', import.meta.url)): URL {
  const above = new URL('../', from)
  const isRoot = above.href === from.href || existsSync(new URL('package.json', from))
  return isRoot ? new URL(path, from) : packageFile(path, above)
}
