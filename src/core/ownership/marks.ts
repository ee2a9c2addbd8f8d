import type { KubeObject } from '../kube-object.js'

/** devloop's field manager in every write. */
export const fieldManager = 'devloop'

/** Of restarts alone: what is applied next as `fieldManager` does not take their mark away. */
export const restartManager = 'devloop-restart'

/**
 * On every object that devloop writes (never on pod templates or selectors): the random token of the journal's intent. It tells, after a
 * `kill -9` between the API server's answer and the journal, that the object is the one that the journal was about to make.
 */
export const tokenAnnotation = 'devloop.dev/token'

/** The number of the save that the object was last written for. */
export const saveAnnotation = 'devloop.dev/save'

export function withMarks(object: KubeObject, token: string, save: number | undefined): KubeObject {
  const annotations = {
    ...object.metadata.annotations,
    [tokenAnnotation]: token,
    ...(save === undefined ? {} : { [saveAnnotation]: String(save) }),
  }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

export function tokenOf(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[tokenAnnotation]
}
