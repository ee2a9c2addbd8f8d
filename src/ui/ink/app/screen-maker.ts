import type { HostsReport } from '../../../core/hosts/hosts-report.js'
import type { State } from '../../../core/state.js'
import type { Clock } from '../../../ports/clock.js'
import { type ImageSaves, rememberImages } from '../../view/image-saves.js'
import type { ScreenSize } from '../../view/layout.js'
import { type Screen, screenOf } from '../../view/screen.js'
import type { UiState } from '../../view/ui-state.js'

/** The screen of a state. Remembers which save made which image, for pods that run an earlier one. */
export type ScreenMaker = (state: State, ui: UiState, size: ScreenSize) => Screen

export function createScreenMaker(options: {
  readonly clock: Clock
  readonly urls: () => Readonly<Record<string, string>>
  readonly hosts: (state: State) => HostsReport | undefined
}): ScreenMaker {
  let saves: ImageSaves = {}
  return (state, ui, size) => {
    saves = rememberImages(saves, state)
    const { clock, urls, hosts } = options
    return screenOf({ state, saves, ui, size, now: clock.now(), urls: urls(), hosts: hosts(state) })
  }
}
