/** Keys and list indexes from the top of the config to a value. */
export type ConfigPath = readonly (string | number)[]

/** Something wrong at a path of the config; `diagnostics.ts` turns it into a place in the file. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: ConfigPath
  /** What to mark: the key at the end of the path, or its value. */
  readonly on: 'key' | 'value'
  readonly message: string
  readonly suggestion?: string
}

/** An error at the value of `path`, unless `details` says otherwise. */
export function finding(
  path: ConfigPath,
  message: string,
  details: {
    readonly severity?: Finding['severity']
    readonly on?: Finding['on']
    readonly suggestion?: string | undefined
  } = {},
): Finding {
  const { severity = 'error', on = 'value', suggestion } = details
  return { severity, path, on, message, ...(suggestion === undefined ? {} : { suggestion }) }
}
