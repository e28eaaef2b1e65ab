import type { Person } from '../domain/person.ts'
import type { Role } from '../domain/role.ts'
import type { Held, Ports } from '../ports.ts'
import { providerOf } from './providers.ts'

/** The people who hold a role at exactly this scope now, directly or through groups. Directory roles: in the whole tenant. */
export async function holdersOf(ports: Ports, role: Role): Promise<Person[]> {
  const { directory } = ports
  if (role.provider === 'directory') return directory.holdersOf([role.roleDefinitionId])
  const found: Person[] = []
  for (const { principalId, principalType } of await assignmentsOf(ports, role)) {
    if (principalType === 'ServicePrincipal') continue
    const person = principalType === 'Group' ? undefined : await directory.person(principalId)
    found.push(...(person ? [person] : await directory.membersOf(principalId, MOST)))
  }
  return [...new Map(found.map((person) => [person.id, person])).values()]
}

async function assignmentsOf(ports: Ports, role: Role): Promise<Held[]> {
  const provider = providerOf(ports, role)
  const found: Held[] = []
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items, next } = await provider.held(role.scope, after)
    found.push(...items.filter((held) => held.role.roleDefinitionId === role.roleDefinitionId))
    after = next
    if (!after) break
  }
  return found
}

const MOST = 200
const MOST_PAGES = 20
