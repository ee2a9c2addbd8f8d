/** Whether a text is that of a Skaffold file; its name may be any. */
export const isSkaffoldText = (text: string): boolean =>
  /^["']?apiVersion["']?\s*:\s*["']?skaffold\//m.test(text)
