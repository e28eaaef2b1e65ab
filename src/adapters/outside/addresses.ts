import { promises } from 'node:dns'
import { BlockList, isIP } from 'node:net'

export type Address = { address: string; family: 4 | 6 }
export type Resolve = (host: string) => Promise<Address[]>

/** What belongs to machines and networks, documentation and groups of receivers; and the addresses at which Azure serves its machines. */
const INNER_4: [net: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
/** Of IPv6 only what is routed to all the world is public, and of that not what carries an IPv4 address or is for documentation. */
const PUBLIC_6: [net: string, prefix: number] = ['2000::', 3]
const INNER_6: [net: string, prefix: number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const inner = new BlockList()
for (const [net, prefix] of INNER_4) inner.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of INNER_6) inner.addSubnet(net, prefix, 'ipv6')
const outer = new BlockList()
outer.addSubnet(...PUBLIC_6, 'ipv6')

/** Is this an address on the internet, and not one of a network that we happen to be in? */
export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !inner.check(address, 'ipv4')
  return family === 6 && outer.check(address, 'ipv6') && !inner.check(address, 'ipv6')
}

export const fromNames: Resolve = async (host) => (await promises.lookup(host, { all: true })) as Address[]

/**
 * The addresses that a host has now, all of which may be called: one that may not be makes all suspect. `allowed` are hosts that may be
 * anywhere. Throws when there is none, or one that must not be called.
 */
export async function addressesOf(
  hostname: string,
  allowed: readonly string[],
  resolve: Resolve,
): Promise<Address[]> {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const literal = isIP(host)
  const found = literal ? [{ address: host, family: literal as 4 | 6 }] : await resolve(host)
  if (found.length === 0) throw new Error(`${host} has no address.`)
  if (!allowed.includes(host) && !found.every(({ address }) => isPublic(address)))
    throw new Forbidden(
      `${host} is in a network of its own, not on the internet: WEBHOOK_ALLOWED_HOSTS does not name it.`,
    )
  return found
}

/** It must not be called; asking again will not help. */
export class Forbidden extends Error {
  override name = 'Forbidden'
}
