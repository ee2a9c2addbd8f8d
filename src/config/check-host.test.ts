import { expect, test } from 'vitest'
import { checkHost } from './check-host.js'

const said = (host: string) =>
  checkHost(host, ['hosts', 0]).map(({ message, suggestion }) => `${message}: ${suggestion}`)

test.each(['tour.xyz', 'Tour.XYZ', 'a', 'api.shop.localhost', 'localhost', '1and1.com'])(
  '%s can be a host',
  host => {
    expect(said(host)).toEqual([])
  },
)

test.each([
  [
    '*.tour.xyz',
    '"*.tour.xyz" is a wildcard, and a hosts file has none: name the hosts that you open, as in "www.tour.xyz"',
  ],
  ['http://tour.xyz:8080/a', '"http://tour.xyz:8080/a" is no host name: write the name alone: "tour.xyz"'],
  ['10.0.0.1', '"10.0.0.1" is no host name: write the name; devloop knows the address that it must have'],
  ['::1', '"::1" is no host name: write the name; devloop knows the address that it must have'],
  ['관광.kr', '"관광.kr" is no host name: DNS has it as "xn--zb0b8a.kr"'],
  ['a b', '"a b" is no host name: labels of letters, digits and "-" with dots between them, as in tour.xyz'],
])('%s cannot', (host, words) => {
  expect(said(host)).toEqual([words])
})
