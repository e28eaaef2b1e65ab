import { GraphError } from '@microsoft/microsoft-graph-client'
import { ADMINISTRATORS, type Role, type RoleDefinition, type RoleDescription } from '../../domain/role.ts'
import { type Directory, type Held, Impossible, type RoleProvider, Unavailable } from '../../ports.ts'
import type { Graph } from './client.ts'
import { groupLists, type Listed, WHOLE_PAGE } from './group-lists.ts'
import { type List, listAll, listPage } from './list.ts'
import { deletionAddress, groupAt, type Membership, membershipId, relationOf } from './membership-id.ts'
import { asPerson, EVENTUAL, type GraphUser, PERSON } from './person.ts'
import { kindOf } from './principal-kinds.ts'

type GraphGroup = {
  displayName: string | null
  groupTypes: string[]
  mailEnabled: boolean
  isAssignableToRole: boolean | null
  isManagementRestricted: boolean | null
  onPremisesSyncEnabled: boolean | null
}

const SELECT =
  '$select=id,displayName,groupTypes,mailEnabled,isAssignableToRole,isManagementRestricted,onPremisesSyncEnabled'
/** Whoever scans lets those through who wait for an answer. */
const LOW_PRIORITY = { 'x-ms-throttle-priority': 'low' }

/**
 * Membership and ownership of groups, by plain references: no expiry and no note on them, as with directory roles. `base` is
 * Graph's own address, which a reference has to carry.
 */
export function groupMemberships(graph: Graph, directory: Directory, base: string): RoleProvider {
  const all = listAll(graph)
  const isThere = groupLists(graph, directory)
  const groupOf = (scope: string) => graph.get<GraphGroup>(`/groups/${groupAt(scope)}?${SELECT}`)

  const ownersOf = (groupId: string) =>
    all<GraphUser>(`/groups/${groupId}/owners/microsoft.graph.user?${PERSON}&$count=true`, 999, EVENTUAL)

  return {
    async roles(scope) {
      const group = await groupOf(scope)
      if (!group) throw new Impossible('InvalidScope', `There is no group at ${scope}.`)
      return [definition('member', group), definition('owner', group)]
    },

    async describe({ roleDefinitionId, scope }): Promise<RoleDescription | undefined> {
      const group = await groupOf(scope)
      if (!group || (roleDefinitionId !== 'member' && roleDefinitionId !== 'owner')) return undefined
      return {
        ...definition(roleDefinitionId, group),
        scopeName: group.displayName ?? scope,
        refusal: refusalOf(group),
      }
    },

    scopesAbove: async () => [],

    async find(principalId, role) {
      const membership = { ...relationOf(role), principalId: principalId.toLowerCase() }
      return (await isThere(membership)) ? [membershipId(membership)] : []
    },

    async add(principal, role) {
      const membership = { ...relationOf(role), principalId: principal.id.toLowerCase() }
      if (principal.type === 'Group' && membership.relation === 'owners')
        throw new Impossible(
          'GroupCannotOwn',
          'A group cannot own a group: owners are people or applications.',
        )
      const body = { '@odata.id': `${base.replace(/\/$/, '')}/directoryObjects/${membership.principalId}` }
      try {
        await graph.post(`/groups/${membership.groupId}/${membership.relation}/$ref`, body)
        return { outcome: 'added', id: membershipId(membership) }
      } catch (error) {
        if (isBadRequest(error, /already exist/i)) return { outcome: 'exists' }
        throw meaning(error)
      }
    },

    async remove(id) {
      try {
        await graph.delete(deletionAddress(id))
      } catch (error) {
        if (isBadRequest(error, /do(es)? not exist/i)) return
        // Somebody will own the group one day: until then it is past due, and tried again.
        if (isBadRequest(error, /at least one owner/i))
          throw new Unavailable(`Microsoft Graph refused for now: ${(error as GraphError).message}`)
        throw meaning(error)
      }
    },

    async held(scope, after) {
      const [relation, path] = pageAfter(groupAt(scope), after)
      const page = await graph.get<List<Listed>>(path, LOW_PRIORITY)
      const { value, next } = listPage(page)
      const role: Role = {
        provider: 'group',
        roleDefinitionId: relation === 'owners' ? 'owner' : 'member',
        scope,
      }
      const items = value.map(
        (each): Held => ({
          id: membershipId({ groupId: groupAt(scope), relation, principalId: each.id.toLowerCase() }),
          principalId: each.id.toLowerCase(),
          principalType: kindOf(each),
          role,
        }),
      )
      if (next) return { items, next: `${relation} ${next}` }
      return { items, next: relation === 'members' ? 'owners' : null }
    },

    async mayAdminister(personId, { scope }) {
      const groupId = groupAt(scope)
      const [group, held, owners] = await Promise.all([
        groupOf(scope),
        directory.rolesHeldBy(personId),
        graph.get<List<Listed>>(`/groups/${groupId}/owners?${WHOLE_PAGE}`),
      ])
      if (!group) return held.some((role) => ADMINISTRATORS.includes(role)) // what is left of it is theirs to clear up
      const roles = group.isAssignableToRole ? ADMINISTRATORS : GROUP_ADMINISTRATORS
      return (
        held.some((role) => roles.includes(role)) ||
        listPage(owners).value.some(({ id }) => id.toLowerCase() === personId.toLowerCase())
      )
    },

    async administrators({ scope }) {
      const owners = (await ownersOf(groupAt(scope))).map(asPerson).filter((person) => person.accountEnabled)
      return owners.length > 0 ? owners : directory.holdersOf(ADMINISTRATORS)
    },
  }
}

/** Whom Microsoft lets manage a group that cannot hold directory roles, besides its owners. */
const GROUP_ADMINISTRATORS: readonly string[] = [
  ...ADMINISTRATORS,
  'fdd7a751-b60b-444a-984c-02652fe8fa1c', // Groups Administrator
  'fe930be7-5e62-47db-91af-98c3a49a38b1', // User Administrator
  '45d8d3c5-c802-45c6-b32a-1d70b5e1e86e', // Identity Governance Administrator
  '9360feb5-f418-4baa-8175-e2a00bac4301', // Directory Writers
]

/**
 * Microsoft labels no membership as privileged. Ours: a group that may hold directory roles is, whether it holds any at
 * this moment or not, since what it holds may change at any time and nobody would look here again.
 */
const definition = (id: 'member' | 'owner', { isAssignableToRole }: GraphGroup): RoleDefinition => ({
  id,
  displayName: id === 'member' ? 'Member' : 'Owner',
  isBuiltIn: true,
  isEnabled: true,
  isPrivileged: isAssignableToRole === true,
})

/** Groups whose members Graph, or we, cannot write. The order is that of how little can be done about it. */
function refusalOf(group: GraphGroup): RoleDescription['refusal'] {
  const name = `The group ${group.displayName ?? ''}`.trim()
  if (group.onPremisesSyncEnabled)
    return { code: 'InvalidScope', message: `${name} is synchronised from on-premises and managed there.` }
  if (group.groupTypes.includes('DynamicMembership'))
    return { code: 'InvalidScope', message: `${name} has dynamic membership: a rule says who is in it.` }
  if (group.mailEnabled && !group.groupTypes.includes('Unified'))
    return {
      code: 'InvalidScope',
      message: `${name} is a distribution list or a mail-enabled security group: Graph cannot write those.`,
    }
  if (group.isManagementRestricted)
    return {
      code: 'ResourceIsLocked',
      message: `${name} is in a restricted management administrative unit: only roles assigned on that unit may change it.`,
    }
  return null
}

/** From where `held` goes on: first the members, then the owners, each as far as a link of Graph's leads. */
function pageAfter(groupId: string, after: string | null): [Membership['relation'], string] {
  const [word, link] = (after ?? 'members').split(' ')
  const relation = word === 'owners' ? 'owners' : 'members'
  return [relation, link ?? `/groups/${groupId}/${relation}?${WHOLE_PAGE}`]
}

/** Graph says 400 with a generic code, and what it means only in the message. */
const isBadRequest = (error: unknown, message: RegExp) =>
  error instanceof GraphError && error.statusCode === 400 && message.test(error.message)

/** A group or principal that was just seen and is “not found” has not reached every replica yet: worth another try. */
function meaning(error: unknown): unknown {
  if (!(error instanceof GraphError)) return error
  if (error.statusCode === 404)
    return new Unavailable(`Microsoft Graph does not find it yet: ${error.message}`)
  return new Impossible(error.code ?? 'Request_BadRequest', `Microsoft Graph refused: ${error.message}`)
}
