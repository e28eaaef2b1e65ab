import type { Directory } from '../../ports.ts'
import type { Graph } from './client.ts'
import { type List, listAll } from './list.ts'
import { asPerson, EVENTUAL, type GraphUser, PERSON } from './person.ts'

export function graphDirectory(graph: Graph): Directory {
  const all = listAll(graph)

  const directory: Directory = {
    async person(id) {
      const user = await graph.get<GraphUser>(`/users/${id}?${PERSON}`)
      return user && asPerson(user)
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
