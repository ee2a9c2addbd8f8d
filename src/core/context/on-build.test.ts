import { expect, it } from 'vitest'
import { triggersOf } from './on-build.js'

it.each([
  [
    'FROM a\r\nONBUILD COPY app /srv/app\r\nRUN x\r\nONBUILD RUN make\r\n',
    undefined,
    ['COPY app /srv/app', 'RUN make'],
  ],
  ['FROM a AS one\nONBUILD COPY a /\nFROM b AS two\nONBUILD COPY b /', 'one', ['COPY a /']],
  ['FROM a AS one\nONBUILD COPY a /\nFROM b', undefined, []],
  ['', undefined, []],
])('%j of the stage %s holds back %j', (dockerfile, target, triggers) => {
  expect(triggersOf(dockerfile, target)).toEqual(triggers)
})
