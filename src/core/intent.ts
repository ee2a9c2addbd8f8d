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
  /** Run the image that was live before the present one, until the next save of the service. */
  | { readonly type: 'rollback'; readonly service: string }
