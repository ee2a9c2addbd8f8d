/** Files that editors and tools leave beside the one that is edited; writing them is no save. */
const names = [
  /^\..*\.sw[a-z]$/, // vim's swap files
  /^4913$/, // vim's test whether it may write here
  /~$/, // backups
  /^\.#/, // emacs' locks
  /^#.*#$/, // emacs' autosaves
  /___jb_(tmp|old)___$/, // JetBrains' safe write
  /^\.DS_Store$/,
  /^\.goutputstream-/,
  /^\.~lock\..*#$/,
]

/** Why a write of this path is never a save; undefined for an ordinary file. The path is relative, with `/`. */
export function noiseReason(path: string): string | undefined {
  const parts = path.split('/')
  if (parts.includes('.git')) return 'git keeps its own state there'
  const name = parts.at(-1) ?? ''
  return names.some(expression => expression.test(name))
    ? 'editors write such files beside the real one'
    : undefined
}
