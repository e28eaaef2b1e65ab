import type { Directory } from './directory.ts'

/** Says who or what was meant, so that a mistyped name in a script explains itself. */
export class UnknownName extends Error {}

type Named = { id: string; short?: string; displayName: string; userPrincipalName?: string }

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9@.]/g, '')

function find<T extends Named>(what: string, all: Iterable<T>, name: string): T {
  const list = [...all]
  const wanted = plain(name)
  const names = (one: T) => [one.id, one.short, one.userPrincipalName, one.displayName]
  const hit = list.find((one) => names(one).some((n) => n !== undefined && plain(n) === wanted))
  if (hit) return hit
  const known = list.map((one) => one.short ?? one.displayName).join(', ')
  throw new UnknownName(`There is no ${what} “${name}”. There are: ${known}.`)
}

export const personNamed = (d: Directory, name: string) => find('person', d.people.values(), name)
export const groupNamed = (d: Directory, name: string) => find('group', d.groups.values(), name)
export const roleNamed = (d: Directory, name: string) => find('role', d.roles.values(), name)
export const principalNamed = (d: Directory, name: string) =>
  find<Named>(
    'person, group or service principal',
    [...d.people.values(), ...d.groups.values(), ...d.servicePrincipals.values()],
    name,
  )
