import type { Directory, DirectoryPrincipal } from '../../ports.ts'
import type { Graph } from './client.ts'
import { type List, listAll } from './list.ts'
import { asPerson, EVENTUAL, type GraphUser, PERSON } from './person.ts'

/** Whoever compares lets those through who wait for an answer. */
const LOW_PRIORITY = { 'x-ms-throttle-priority': 'low' }
/** Graph's limit of one `in`. */
const MOST_IN_A_FILTER = 15

type GraphPrincipal = { id: string; displayName: string; accountEnabled?: boolean; userType?: string | null }
const KINDS = (
  [
    ['User', '/users?$select=id,displayName,accountEnabled,userType'],
    ['Group', '/groups?$select=id,displayName'],
    ['ServicePrincipal', '/servicePrincipals?$select=id,displayName,accountEnabled'],
  ] as const
).map(([type, path]) => ({
  type,
  path,
  show: ({ id, displayName, accountEnabled, userType }: GraphPrincipal): DirectoryPrincipal => ({
    id,
    type,
    displayName,
    isEnabled: accountEnabled ?? null,
    isGuest: userType === 'Guest',
  }),
}))

export function graphDirectory(graph: Graph): Directory {
  const all = listAll(graph)

  const directory: Directory = {
    async person(id) {
      const user = await graph.get<GraphUser>(`/users/${id}?${PERSON}`)
      return user && asPerson(user)
    },

    async managerOf(id) {
      const manager = await graph.get<GraphUser>(`/users/${id}/manager?${PERSON}`)
      return manager && asPerson(manager)
    },

    async group(id) {
      const found = await graph.get<{ id: string; displayName: string; isAssignableToRole: boolean | null }>(
        `/groups/${id}?$select=id,displayName,isAssignableToRole`,
      )
      return found && { ...found, isAssignableToRole: found.isAssignableToRole === true }
    },

    async servicePrincipal(id) {
      return graph.get<{ id: string; displayName: string }>(`/servicePrincipals/${id}?$select=id,displayName`)
    },

    async groupsOf(personId, groupIds) {
      const found: string[] = []
      for (let start = 0; start < groupIds.length; start += 20) {
        const body = { groupIds: groupIds.slice(start, start + 20) }
        found.push(
          ...((await graph.ask<List<string>>(`/users/${personId}/checkMemberGroups`, body))?.value ?? []),
        )
      }
      return found
    },

    async membersOf(groupId, top) {
      const path = `/groups/${groupId}/transitiveMembers/microsoft.graph.user?${PERSON}&$count=true&$top=${Math.min(top, 999)}`
      return (await all<GraphUser>(path, top, EVENTUAL)).map(asPerson)
    },

    async rolesHeldBy(personId) {
      const path = `/users/${personId}/transitiveMemberOf/microsoft.graph.directoryRole?$select=id,roleTemplateId&$count=true`
      return (await all<{ roleTemplateId: string }>(path, 999, EVENTUAL)).map(
        ({ roleTemplateId }) => roleTemplateId,
      )
    },

    async principals(asked) {
      const found: DirectoryPrincipal[] = []
      for (const { type, path, show } of KINDS) {
        const there = new Set(found.map(({ id }) => id))
        const ids = asked.filter((each) => each.type === type || (each.type === null && !there.has(each.id)))
        for (let start = 0; start < ids.length; start += MOST_IN_A_FILTER) {
          const some = ids.slice(start, start + MOST_IN_A_FILTER).map(({ id }) => `'${id}'`)
          const filter = encodeURIComponent(`id in (${some.join(',')})`)
          const list = await all<GraphPrincipal>(`${path}&$filter=${filter}`, 100, LOW_PRIORITY)
          found.push(...list.map(show))
        }
      }
      return found
    },

    async assignmentsOf(roleDefinitionIds) {
      const ids = roleDefinitionIds.map((id) => `'${id}'`).join(',')
      const filter = encodeURIComponent(`roleDefinitionId in (${ids}) and directoryScopeId eq '/'`)
      const path = `/roleManagement/directory/roleAssignments?$filter=${filter}`
      return all<{ principalId: string; roleDefinitionId: string }>(path, 999)
    },

    async holdersOf(roleDefinitionIds) {
      const assigned = await directory.assignmentsOf(roleDefinitionIds)
      const principals = new Set(assigned.map(({ principalId }) => principalId))
      const people = await Promise.all(
        [...principals].map(async (id) => {
          const person = await directory.person(id)
          return person ? [person] : directory.membersOf(id, 100)
        }),
      )
      return [...new Map(people.flat().map((person) => [person.id, person])).values()]
    },
  }
  return directory
}
