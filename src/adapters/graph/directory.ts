import type { Directory, DirectoryPrincipal } from '../../ports.ts'
import type { Graph } from './client.ts'
import { type List, listAll } from './list.ts'
import { asPerson, EVENTUAL, type GraphUser, PERSON } from './person.ts'

/** Whoever compares lets those through who wait for an answer. */
const LOW_PRIORITY = { 'x-ms-throttle-priority': 'low' }
/** Graph's limit of one `in`. */
const MOST_IN_A_FILTER = 15

/** Graph's limit of one checkMemberGroups. */
const MOST_CHECKED = 20
/** More than any tenant has assigned of a few roles: whoever is left out here would be told nothing, and count for nothing. */
const MOST_ASSIGNED = 50_000

/** Applications and devices are owned too. Not asked for by a cast: that is answered from an index that may be minutes behind. */
type Owned = { id: string; '@odata.type'?: string }
const GROUP = '#microsoft.graph.group'
/** More than anybody owns. */
const MOST_OWNED = 10_000

const inParts = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))

/** So many at a time: a thousand calls at once are answered 429. */
async function inTurn<T, R>(most: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const some of inParts(items, most)) results.push(...(await Promise.all(some.map(work))))
  return results
}

const inBoth = (wanted: readonly string[], mine: readonly string[]) => {
  const there = new Set(mine)
  return wanted.filter((id) => there.has(id))
}

/** Whoever is in more than some eleven thousand groups is asked about in parts. */
function unlessTooMany(error: unknown): 'too many' {
  if ((error as { code?: string }).code === 'Directory_ResultSizeLimitExceeded') return 'too many'
  throw error
}

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

  /** Few are asked about by their names; of many it is less to be told all that there are. */
  async function membershipsOf(path: string, groupIds: readonly string[]): Promise<string[]> {
    if (groupIds.length > MOST_CHECKED) {
      const body = { securityEnabledOnly: false }
      const mine = await graph.ask<List<string>>(`${path}/getMemberGroups`, body).catch(unlessTooMany)
      if (mine !== 'too many') return inBoth(groupIds, mine?.value ?? [])
    }
    const found: string[] = []
    for (const some of inParts(groupIds, MOST_CHECKED))
      found.push(
        ...((await graph.ask<List<string>>(`${path}/checkMemberGroups`, { groupIds: some }))?.value ?? []),
      )
    return found
  }

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

    async people(ids) {
      const found = await inTurn(4, inParts(ids, MOST_IN_A_FILTER), (part) => {
        const filter = encodeURIComponent(`id in (${part.map((id) => `'${id}'`).join(',')})`)
        return all<GraphUser>(`/users?${PERSON}&$filter=${filter}`, MOST_IN_A_FILTER)
      })
      return found.flat().map(asPerson)
    },

    groupsOf: (personId, groupIds) => membershipsOf(`/users/${personId}`, groupIds),
    groupsAbove: (groupId, groupIds) => membershipsOf(`/groups/${groupId}`, groupIds),

    async groupsOwnedBy(personId) {
      const owned = await all<Owned>(`/users/${personId}/ownedObjects?$select=id&$top=999`, MOST_OWNED)
      return owned.flatMap(({ id, '@odata.type': type }) => (type === GROUP ? [id.toLowerCase()] : []))
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
      return all<{ principalId: string; roleDefinitionId: string }>(path, MOST_ASSIGNED)
    },

    async holdersOf(roleDefinitionIds) {
      const assigned = await directory.assignmentsOf(roleDefinitionIds)
      const principals = [...new Set(assigned.map(({ principalId }) => principalId))]
      const known = await directory.people(principals)
      const others = principals.filter((id) => !known.some((person) => person.id === id))
      const behind = await inTurn(8, others, async (id) => {
        const person = await directory.person(id)
        return person ? [person] : directory.membersOf(id, 100)
      })
      const people = [known, ...behind]
      return [...new Map(people.flat().map((person) => [person.id, person])).values()]
    },
  }
  return directory
}
