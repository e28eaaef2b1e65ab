import type { Person } from '../../domain/person.ts'
import type { RoleDefinition } from '../../domain/role.ts'
import type { Directory } from '../../ports.ts'
import type { Graph } from './client.ts'
import { isPrivileged } from './privileged.ts'

type List<T> = { value: T[]; '@odata.nextLink'?: string }
type GraphRole = {
  id: string
  displayName: string
  isBuiltIn: boolean
  isEnabled: boolean
  isPrivileged?: boolean
}
type GraphUser = Omit<Person, 'mail'> & { mail?: string | null }

const PERSON = '$select=id,displayName,mail,accountEnabled'
/** Type casts on membership are served from an index that wants to be asked for by this header. */
const EVENTUAL = { ConsistencyLevel: 'eventual' }
/** Names and labels of roles change rarely, and nothing is allowed because of them. */
const ROLE_MILLIS = 5 * 60_000

export function graphDirectory(graph: Graph, now: () => number): Directory {
  const roles = new Map<string, { at: number; role: RoleDefinition }>()

  async function all<T>(path: string, most: number, headers: Record<string, string> = {}): Promise<T[]> {
    const items: T[] = []
    let next: string | undefined = path
    while (next && items.length < most) {
      const page: List<T> | undefined = await graph.get<List<T>>(next, headers)
      items.push(...(page?.value ?? []))
      next = page?.['@odata.nextLink']
    }
    return items.slice(0, most)
  }

  const directory: Directory = {
    async person(id) {
      const user = await graph.get<GraphUser>(`/users/${id}?${PERSON}`)
      return user && asPerson(user)
    },

    async group(id) {
      return graph.get<{ id: string; displayName: string }>(`/groups/${id}?$select=id,displayName`)
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

    async holdersOf(roleDefinitionIds) {
      const ids = roleDefinitionIds.map((id) => `'${id}'`).join(',')
      const filter = encodeURIComponent(`roleDefinitionId in (${ids}) and directoryScopeId eq '/'`)
      const path = `/roleManagement/directory/roleAssignments?$filter=${filter}`
      const principals = new Set(
        (await all<{ principalId: string }>(path, 999)).map(({ principalId }) => principalId),
      )
      const people = await Promise.all(
        [...principals].map(async (id) => {
          const person = await directory.person(id)
          return person ? [person] : directory.membersOf(id, 100)
        }),
      )
      return [...new Map(people.flat().map((person) => [person.id, person])).values()]
    },

    async roleDefinitions() {
      return (await all<GraphRole>('/roleManagement/directory/roleDefinitions', 2000)).map(asRole)
    },

    async roleDefinition(id) {
      const known = roles.get(id)
      if (known && Math.abs(now() - known.at) < ROLE_MILLIS) return known.role
      const found = await graph.get<GraphRole>(`/roleManagement/directory/roleDefinitions/${id}`)
      if (!found) return undefined
      const role = asRole(found)
      roles.set(id, { at: now(), role })
      return role
    },
  }
  return directory
}

const asPerson = ({ id, displayName, mail, accountEnabled }: GraphUser): Person => ({
  id,
  displayName,
  mail: mail ?? null,
  accountEnabled,
})

const asRole = (role: GraphRole): RoleDefinition => ({
  id: role.id,
  displayName: role.displayName,
  isBuiltIn: role.isBuiltIn,
  isEnabled: role.isEnabled,
  isPrivileged: role.isPrivileged ?? isPrivileged(role.id, role.isBuiltIn),
})
