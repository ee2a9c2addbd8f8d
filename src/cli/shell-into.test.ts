import { expect, it } from 'vitest'
import type { State } from '../core/state.js'
import { uiStates } from '../testing/ui-states.js'
import { browserCommand } from './open-url.js'
import { shellTarget } from './shell-into.js'

/** The objects as manifests have them: each names the container of its service. */
function withContainers(state: State): State {
  const objects = Object.entries(state.objects).map(([key, object]) => {
    const { linked } = object
    const containers = linked.services.map(name => ({ name, image: `shop/${name}` }))
    const spec = { template: { spec: { containers } } }
    return [key, { ...object, linked: { ...linked, object: { ...linked.object, spec } } }] as const
  })
  return { ...state, objects: Object.fromEntries(objects) }
}

it('a shell opens in the container of the service', () => {
  expect(shellTarget(withContainers(uiStates.live()), 'tour')).toEqual({
    namespace: 'shop',
    pod: 'tour-1-xyz',
    container: 'tour',
  })
})

it('no shell opens where no pod of the service runs', () => {
  expect(shellTarget(uiStates.starting(), 'tour')).toBeUndefined()
  expect(shellTarget(uiStates.live(), 'nothing')).toBeUndefined()
})

it.each([
  ['linux', 'xdg-open'],
  ['darwin', 'open'],
  ['win32', 'rundll32'],
] as const)('the browser of %s is started by %s, the address being one argument', (platform, program) => {
  const argv = browserCommand('http://tour.xyz/?a=1&b=2', platform)
  expect(argv[0]).toBe(program)
  expect(argv.at(-1)).toBe('http://tour.xyz/?a=1&b=2')
})
