/** What a reading of the manifests depended on: a change of any of it means that they are to be read again. Absolute paths. */
export interface RenderInputs {
  /** Every file that was read, and those that were looked for and are missing. */
  readonly files: readonly string[]
  /** Folders in which a new YAML or JSON file would be a manifest. */
  readonly folders: readonly string[]
  /** Folders of which every file counts, whatever its name: charts. */
  readonly trees: readonly string[]
}

/** Of no reading at all. */
export const noInputs: RenderInputs = { files: [], folders: [], trees: [] }
