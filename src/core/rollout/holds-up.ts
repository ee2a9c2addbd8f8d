/** What is said of a broken pod that an ordered StatefulSet waits for: it does not replace it by itself. */
export const HOLDS_UP = 'of the earlier revision is broken and holds up the rollout until it is deleted'
