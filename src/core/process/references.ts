/**
 * Replaces `$(NAME)` as Kubernetes does: a name that is not known stays as it is, `$$` is one `$`, and `$$(NAME)` is `$(NAME)`.
 */
export function expandReferences(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (lookUp(name) ?? whole),
  )
}
