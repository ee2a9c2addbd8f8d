import { type Finding, finding } from './finding.js'

/** The room of a folder's file system, in bytes; or why it could not be looked at. */
export type Room =
  | { readonly kind: 'seen'; readonly path: string; readonly free: number; readonly total: number }
  | { readonly kind: 'unseen'; readonly path: string; readonly reason: string }

const GB = 1e9
/** Below this a build ends in the middle of a layer. */
const TOO_LITTLE = 0.3 * GB
/** A base image with its copy on a node is seldom more. */
const LITTLE = 3 * GB

/** Whether images and devloop's own files have room. `docker` is the engine's folder, `state` devloop's own; `writable` is of the latter. */
export function judgeDisk({
  docker,
  state,
  writable,
}: {
  readonly docker: Room
  readonly state: Room
  readonly writable: boolean
}): readonly Finding[] {
  const own = writable
    ? []
    : [
        finding(
          'disk',
          'failure',
          `devloop may not write its own folder ${state.path}`,
          `Give it to your user: sudo chown -R "$USER" ${state.path}`,
          'Or name another place with DEVLOOP_STATE_DIR.',
        ),
      ]
  const isSame = docker.kind === 'seen' && state.kind === 'seen' && docker.total === state.total
  return [...own, judgeRoom(docker, 'Docker'), ...(isSame ? [] : [judgeRoom(state, 'devloop')])]
}

function judgeRoom(room: Room, whose: 'Docker' | 'devloop'): Finding {
  if (room.kind === 'unseen')
    return finding('disk', 'unknown', `the room for ${whose} in ${room.path}: ${room.reason}`)
  const text = `${gigabytes(room.free)} free of ${gigabytes(room.total)} for ${whose} (${room.path})`
  const remedies =
    whose === 'Docker'
      ? [
          'devloop gc removes images of earlier saves; --dry-run shows the bytes.',
          'docker system df shows what holds the rest; docker builder prune frees the build cache.',
        ]
      : [`Free room on the file system of ${room.path}, or name another place with DEVLOOP_STATE_DIR.`]
  if (whose === 'devloop')
    return room.free < TOO_LITTLE / 10
      ? finding('disk', 'failure', text, ...remedies)
      : finding('disk', 'ok', text)
  if (room.free < TOO_LITTLE) return finding('disk', 'failure', text, ...remedies)
  return room.free < LITTLE ? finding('disk', 'warning', text, ...remedies) : finding('disk', 'ok', text)
}

const gigabytes = (bytes: number): string => `${(bytes / GB).toFixed(bytes < 10 * GB ? 1 : 0)} GB`
