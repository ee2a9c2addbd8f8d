import { describe, expect, test } from 'vitest'
import { localPorts } from './local-ports.js'

const none = { remembered: undefined, reserved: new Set<number>() }
const forward = { id: 'shop/service/tour:3000', number: 3000, local: undefined }

describe('the local ports to try', () => {
  test('the one of the config, and no other', () => {
    const reserved = new Set([3001])
    expect(localPorts({ ...forward, local: 3001 }, { remembered: 25_000, reserved })).toEqual([3001])
  })

  test('that of last time goes before the same number', () => {
    expect(localPorts(forward, { ...none, remembered: 25_000 }).slice(0, 2)).toEqual([25_000, 3000])
  })

  test.each([
    ['the number of the target', forward, none, 3000],
    [
      'not one that another forward or the gateway has',
      forward,
      { ...none, reserved: new Set([3000]) },
      undefined,
    ],
    ['not what is no port', { ...forward, number: 300_000 }, none, undefined],
    ['not one that needs rights', { ...forward, number: 80 }, none, undefined],
    ['a name whose number nobody knows', { ...forward, number: undefined }, none, undefined],
  ])('%s', (_what, wanted, options, first) => {
    const ports = localPorts(wanted, options)
    if (first !== undefined) expect(ports[0]).toBe(first)
    else expect(ports.every(port => port >= 20_000 && port < 30_000)).toBe(true)
  })

  test('those of its own follow from its name alone', () => {
    const own = localPorts({ ...forward, number: undefined }, none)
    expect(localPorts({ ...forward, number: undefined }, none)).toEqual(own)
    expect(localPorts({ ...forward, id: 'shop/service/tour:3001', number: undefined }, none)).not.toEqual(own)
    expect(new Set(own).size).toBe(own.length)
  })
})
