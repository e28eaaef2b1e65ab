import { describe, expect, test } from 'vitest'
import { addressesOf, isPublic } from '../../../src/adapters/outside/addresses.ts'

const INNER = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.0.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'fd00:ec2::254',
]
const OUTER = [
  '1.1.1.1',
  '8.8.8.8',
  '172.32.0.1',
  '192.169.0.1',
  '11.0.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
]

describe('an address', () => {
  test.each(INNER)('%s is not on the internet', (address) => expect(isPublic(address)).toBe(false))
  test.each(OUTER)('%s is', (address) => expect(isPublic(address)).toBe(true))
  test.each(['', 'localhost', '127.1', '0x7f000001', 'siem.example'])('%s is none', (text) =>
    expect(isPublic(text)).toBe(false),
  )
})

/** As a browser, and we, read it: decimal, hexadecimal, octal, shortened. */
const SPELLED = [
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://0/',
  'https://2852039166/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:0:0:1]/',
]

const resolves = (...addresses: string[]) => {
  let asked = 0
  const resolve = async () => {
    asked++
    return addresses.map((address) => ({ address, family: (address.includes(':') ? 6 : 4) as 4 | 6 }))
  }
  return { resolve, asked: () => asked }
}
const forbidden = { name: 'Forbidden' }

describe('a host', () => {
  test.each(SPELLED)('%s is seen for what it is, and not called', async (url) => {
    const { resolve, asked } = resolves('8.8.8.8')
    await expect(addressesOf(new URL(url).hostname, [], resolve)).rejects.toMatchObject(forbidden)
    expect(asked()).toBe(0)
  })

  test.each([
    ['one inside', ['10.0.0.1']],
    ['one outside and one inside', ['8.8.8.8', '127.0.0.1']],
    ['one inside in IPv6', ['2606:4700::1111', 'fd00::1']],
    ['the metadata of the machine', ['169.254.169.254']],
  ])('whose name leads to %s is not called', async (_, addresses) => {
    const { resolve } = resolves(...addresses)
    await expect(addressesOf('evil.example', [], resolve)).rejects.toMatchObject(forbidden)
  })

  test('that leads outside is called where it leads', async () => {
    const { resolve } = resolves('8.8.8.8', '2606:4700::1111')
    expect(await addressesOf('siem.example', [], resolve)).toHaveLength(2)
  })

  test('that is named in the settings may be anywhere; others that lead there may not', async () => {
    const { resolve } = resolves('10.0.0.1')
    expect(await addressesOf('siem.internal', ['siem.internal'], resolve)).toHaveLength(1)
    expect(await addressesOf('[::1]', ['::1'], resolve)).toEqual([{ address: '::1', family: 6 }])
    await expect(addressesOf('other.internal', ['siem.internal'], resolve)).rejects.toMatchObject(forbidden)
    await expect(addressesOf('x.siem.internal', ['siem.internal'], resolve)).rejects.toMatchObject(forbidden)
  })

  test('without an address is worth another try', async () => {
    await expect(addressesOf('siem.example', [], async () => [])).rejects.toThrow('no address')
  })
})
