import type { Role } from '../../domain/role.ts'
import { Impossible } from '../../ports.ts'

/** Memberships and ownerships have no id in Graph. Ours names all that there is: group, relation and principal. */
export type Membership = { groupId: string; relation: 'members' | 'owners'; principalId: string }

/** Narrower than the one of roles: only what `membershipId` makes is deleted. */
const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const ID = new RegExp(`^groups/(${GUID})/(members|owners)/(${GUID})$`)
const SCOPE = new RegExp(`^/groups/(${GUID})$`, 'i')

export const membershipId = ({ groupId, relation, principalId }: Membership) =>
  `groups/${groupId}/${relation}/${principalId}`

/** The group and the relation that a role of the provider `group` stands for. Throws for a scope that is no group. */
export function relationOf({ roleDefinitionId, scope }: Role): Pick<Membership, 'groupId' | 'relation'> {
  const groupId = groupAt(scope)
  if (roleDefinitionId !== 'member' && roleDefinitionId !== 'owner')
    throw new Impossible('RoleNotFound', `A group has members and owners, and no ${roleDefinitionId}.`)
  return { groupId, relation: roleDefinitionId === 'owner' ? 'owners' : 'members' }
}

/** The id of the group that a scope names. */
export function groupAt(scope: string): string {
  const groupId = SCOPE.exec(scope)?.[1]
  if (!groupId) throw new Impossible('InvalidScope', `A group is named as /groups/{id}, not ${scope}.`)
  return groupId.toLowerCase()
}

/**
 * The only address that a membership is ever deleted at, and the only function that makes one: without the `/$ref` Graph
 * deletes the person instead. Throws for everything that is not an id of ours.
 */
export function deletionAddress(id: string): string {
  const [, groupId, relation, principalId] = ID.exec(id) ?? []
  if (!groupId || !relation || !principalId)
    throw new Impossible('InvalidRoleAssignmentId', 'This is not the id of a membership.')
  return `/groups/${groupId}/${relation}/${principalId}/$ref`
}
