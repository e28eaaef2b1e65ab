import type { Person } from '../domain/person.ts'
import { ADMINISTRATORS, type PrincipalType, type Role, SECURITY_ADMINISTRATOR } from '../domain/role.ts'
import type { Ports } from '../ports.ts'
import { providerOf } from './providers.ts'

/**
 * Who is told as an administrator of this role. Of directory roles Security Administrators are told too, who may decide nothing:
 * ask them for nothing.
 */
export async function watchersOf(ports: Ports, role: Role): Promise<Person[]> {
  const people =
    role.provider === 'directory'
      ? await ports.directory.holdersOf([...ADMINISTRATORS, SECURITY_ADMINISTRATOR])
      : await providerOf(ports, role).administrators(role)
  return people.filter(({ accountEnabled }) => accountEnabled)
}

/** Somebody other than the one it is about: the last owner of a group, who cannot be removed, is no one to be told so alone. */
export async function watchersBesides(ports: Ports, role: Role, principalId: string): Promise<Person[]> {
  const others = (await watchersOf(ports, role)).filter(({ id }) => id !== principalId)
  return others.length > 0 ? others : administratorsOfTheTenant(ports)
}

/** Who may decide whether an eligibility lasts longer, but not about their own. */
export async function decidersOf(ports: Ports, role: Role, principalId: string): Promise<Person[]> {
  const people = await providerOf(ports, role).administrators(role)
  const others = people.filter(({ id, accountEnabled }) => accountEnabled && id !== principalId)
  return others.length > 0 ? others : administratorsOfTheTenant(ports)
}

async function administratorsOfTheTenant({ directory }: Ports): Promise<Person[]> {
  return (await directory.holdersOf(ADMINISTRATORS)).filter(({ accountEnabled }) => accountEnabled)
}

/** Who is told of what a principal has: the person; of a group its owners; nobody of an application. */
export async function ownersOf(ports: Ports, principalId: string, type: PrincipalType): Promise<Person[]> {
  if (type === 'User') {
    const person = await ports.directory.person(principalId)
    return person ? [person] : []
  }
  if (type === 'ServicePrincipal') return []
  const group: Role = { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${principalId}` }
  return providerOf(ports, group).administrators(group)
}
