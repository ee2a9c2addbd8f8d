import { answerIntent } from '../../../core/answer-intent.js'
import { type InkKey, keyName } from '../../view/key-names.js'
import { press } from '../../view/press.js'
import type { Screen } from '../../view/screen.js'
import { initialUi, type UiEffect, type UiState } from '../../view/ui-state.js'
import type { LogController, LogKey } from '../logs/api.js'
import type { ActionEnd, AppActions, AppSession } from './actions.js'
import type { Source } from './throttled-source.js'

/** Turns keys into changes of the screen and into what a person asked for. */
export interface AppController extends Source<UiState> {
  handleKey(input: string, key: Partial<InkKey> & LogKey): void
  dispose(): void
}

export interface AppControllerOptions {
  readonly session: AppSession
  readonly actions: AppActions
  readonly logs: LogController
  readonly urls: () => Readonly<Record<string, string>>
  /** What the screen shows now, with this set about it: of several keys that come at once each meets what the one before left. */
  readonly screen: (ui: UiState) => Screen
}

export function createAppController({
  session,
  actions,
  logs,
  urls,
  screen,
}: AppControllerOptions): AppController {
  const listeners = new Set<() => void>()
  let ui = initialUi
  let isOver = false

  const set = (next: UiState): void => {
    if (next === ui || isOver) return
    const before = ui
    ui = next
    if (before.focused !== next.focused)
      logs.select(next.focused.length === 0 ? {} : { services: next.focused })
    for (const listener of [...listeners]) listener()
  }

  const tell = ({ ok, message }: ActionEnd): void => {
    if (message !== '') set({ ...ui, message: { text: message, isBad: !ok } })
  }

  const perform = (effect: UiEffect, input: string, key: LogKey): void => {
    switch (effect.type) {
      case 'act': {
        const { accepted, message } = answerIntent(session.getState(), effect.intent)
        // What is not accepted is told here, and needs no second telling by the session.
        if (accepted) session.act(effect.intent)
        tell({ ok: accepted, message: `${effect.intent.service}: ${message}` })
        return
      }
      case 'prune':
        session.prune(effect.keys)
        tell({ ok: true, message: 'the files are read once more, then what they do not have goes' })
        return
      case 'open': {
        const url = urls()[effect.service]
        if (url !== undefined) void actions.openUrl(url).then(tell)
        return
      }
      case 'shell':
        void actions.shell(effect.service).then(tell)
        return
      case 'quit':
        actions.quit({ down: effect.down })
        return
      case 'log-key':
        logs.handleKey(effect.as ?? input, effect.as === undefined ? key : {})
        return
    }
  }

  const handleOne = (input: string, key: Partial<InkKey> & LogKey): void => {
    const name = keyName(input, key)
    // Whoever types a search types all letters; only Ctrl-C is never text.
    if (logs.snapshot().status.input !== undefined && name !== 'ctrl-c') {
      logs.handleKey(input, key)
      return
    }
    const pressed = press(name, ui, screen(ui).facts)
    set(pressed.ui)
    for (const effect of pressed.effects) perform(effect, input, key)
  }

  return {
    get: () => ui,
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    handleKey: (input, key) => {
      // Keys that were pressed quickly come as one text; so does what is pasted, which only a line of input takes.
      const isTyping = logs.snapshot().status.input !== undefined
      const parts =
        isTyping || input.length < 2 || key.ctrl === true ? [input] : [...input].slice(0, QUICK_KEYS)
      for (const part of parts) handleOne(part, key)
    },
    dispose: () => {
      isOver = true
      listeners.clear()
    },
  }
}

/** A longer text was pasted by mistake: not each of its letters is a command. */
const QUICK_KEYS = 8
