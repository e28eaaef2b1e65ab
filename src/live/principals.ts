import type { Actor } from '../domain/person.ts'
import type { PrincipalType } from '../domain/role.ts'
import type { Directory } from '../ports.ts'

/** Who is behind an id: a person (guests are), a group, or a service principal (managed identities are). */
export async function principalBehind(
  directory: Directory,
  id: string,
): Promise<(Actor & { type: PrincipalType; isAssignableToRole?: boolean }) | undefined> {
  const person = await directory.person(id)
  if (person) return { id, displayName: person.displayName, type: 'User' }
  const group = await directory.group(id)
  if (group) return { ...group, type: 'Group' }
  const application = await directory.servicePrincipal(id)
  return application && { id, displayName: application.displayName, type: 'ServicePrincipal' }
}
