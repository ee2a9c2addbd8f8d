/** What a person asks of a running session about one service, by a key or a command. */
export type Intent =
  /** Build its image again, with the engine's own cache, even where nothing changed. */
  | { readonly type: 'rebuild'; readonly service: string }
  /** Apply its objects again, even where nothing changed. */
  | { readonly type: 'redeploy'; readonly service: string }
  /** Replace its pods as its workloads' strategy says. */
  | { readonly type: 'restart'; readonly service: string }
  /** Leave it as it is, whatever is saved. */
  | { readonly type: 'pause'; readonly service: string }
  /** Bring it up to date with what was saved meanwhile. */
  | { readonly type: 'resume'; readonly service: string }
  /** No pods, until `scale-back`. */
  | { readonly type: 'scale-to-zero'; readonly service: string }
  | { readonly type: 'scale-back'; readonly service: string }
  /** Run the image that was live before the present one, or that of a revision, whatever is saved, until `roll-forward`. */
  | { readonly type: 'rollback'; readonly service: string; readonly to?: RollbackTarget }
  /** Run the newest image again. */
  | { readonly type: 'roll-forward'; readonly service: string }
  /** Lead a Service to the Deployment of another version. */
  | { readonly type: 'switch'; readonly service: string; readonly version: string }
  /** Take back everything above that holds until it is taken back. */
  | { readonly type: 'clear'; readonly service: string }
  /** Let a debugger stop it: no probe ends it meanwhile. A JVM gets its debug agent. Until `debug-off`. */
  | { readonly type: 'debug-node'; readonly service: string }
  | { readonly type: 'debug-jvm'; readonly service: string }
  | { readonly type: 'debug-off'; readonly service: string }

/** A revision that the cluster keeps of a workload. */
export interface RollbackTarget {
  readonly revision: number
  /** As pods name it. */
  readonly image: string
  /** The save that it was applied for, where that is known. */
  readonly save?: number
}

const TYPES: Readonly<Record<Intent['type'], true>> = {
  rebuild: true,
  redeploy: true,
  restart: true,
  pause: true,
  resume: true,
  'scale-to-zero': true,
  'scale-back': true,
  rollback: true,
  'roll-forward': true,
  switch: true,
  clear: true,
  'debug-node': true,
  'debug-jvm': true,
  'debug-off': true,
}

/** The intent that a value from outside is, with nothing else in it; undefined where it is none. */
export function parseIntent(value: unknown): Intent | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('service' in value))
    return undefined
  const { type, service } = value
  if (!isType(type) || typeof service !== 'string') return undefined
  if (type === 'rollback' && 'to' in value && value.to !== undefined) {
    const to = parseTarget(value.to)
    return to === undefined ? undefined : { type, service, to }
  }
  if (type !== 'switch') return { type, service }
  return 'version' in value && typeof value.version === 'string'
    ? { type, service, version: value.version }
    : undefined
}

function parseTarget(value: unknown): RollbackTarget | undefined {
  if (typeof value !== 'object' || value === null || !('revision' in value) || !('image' in value))
    return undefined
  const { revision, image } = value
  if (typeof revision !== 'number' || typeof image !== 'string') return undefined
  return {
    revision,
    image,
    ...('save' in value && typeof value.save === 'number' ? { save: value.save } : {}),
  }
}

function isType(type: unknown): type is Intent['type'] {
  return typeof type === 'string' && Object.hasOwn(TYPES, type)
}
