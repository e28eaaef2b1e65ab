import type { Directory } from '../directory/directory.ts'
import { transitiveGroups } from '../directory/membership.ts'
import type { Person } from '../directory/model.ts'
import { isEventual, listAnswer, oneAnswer } from './odata.ts'
import { badRequest, notFound, Problem } from './problem.ts'
import { type Ask, may, route } from './routes.ts'
import { directoryRoleItem, groupItem, type Item, shapes, userItem } from './shapes.ts'

const listing = (directory: Directory) => ({
  set: 'users',
  shape: shapes.user,
  expand({ row }: Item, what: string): Record<string, unknown> {
    if (what !== 'manager') throw new Problem(400, 'BadRequest', `$expand=${what} is not understood here.`)
    const found = directory.people.get(directory.people.get(`${row.id}`)?.managerId ?? '')
    return found ? { manager: { '@odata.type': '#microsoft.graph.user', ...userItem(found).row } } : {}
  },
})

/** By id or user principal name, as Graph has it. */
function user({ directory, at }: Ask): Person {
  const wanted = (at.id ?? '').toLowerCase()
  const hit =
    directory.people.get(wanted) ??
    [...directory.people.values()].find((p) => p.userPrincipalName.toLowerCase() === wanted)
  if (!hit) throw notFound(at.id ?? '')
  return hit
}

/** Whoever the address names: a person, a group, or under directoryObjects anything that can be a member. */
function subject(ask: Ask): string {
  if (ask.call.path.startsWith('/v1.0/users/')) return user(ask).id
  const id = (ask.at.id ?? '').toLowerCase()
  const isGroup = ask.call.path.startsWith('/v1.0/groups/')
  if (!(isGroup ? ask.directory.groups.has(id) : ask.directory.principal(id))) throw notFound(ask.at.id ?? '')
  return id
}

/** The real service answers a type cast, or a filter over members, only from its index, and says so to who forgets the header. */
export function demandEventual({ call }: Ask): void {
  if (!isEventual(call) || call.query.get('$count') !== 'true')
    throw new Problem(
      400,
      'Request_UnsupportedQuery',
      'Unsupported Query. A type cast or filter over members needs the header ConsistencyLevel: eventual and $count=true.',
    )
}

function manager(ask: Ask) {
  const { managerId } = user(ask)
  const found = managerId ? ask.directory.people.get(managerId) : undefined
  if (!found)
    throw new Problem(
      404,
      'Request_ResourceNotFound',
      "Resource 'manager' does not exist or one of its queried reference-property objects are not present.",
    )
  return oneAnswer(ask.call, userItem(found), { set: 'directoryObjects' })
}

const groupsOf = (ask: Ask, id: string) =>
  transitiveGroups(ask.directory.links.seen(), id).filter((g) => ask.directory.groups.has(g))

function getMemberGroups(ask: Ask) {
  const { body, call, directory } = ask
  if (typeof body.securityEnabledOnly !== 'boolean') throw badRequest('securityEnabledOnly must be given.')
  const value = groupsOf(ask, subject(ask)).filter(
    (g) => !body.securityEnabledOnly || directory.groups.get(g)?.securityEnabled,
  )
  return {
    status: 200,
    body: { '@odata.context': `${call.origin}/v1.0/$metadata#Collection(Edm.String)`, value },
  }
}

function checkMemberGroups(ask: Ask) {
  const { body, call } = ask
  const { groupIds } = body
  if (!Array.isArray(groupIds) || groupIds.length === 0) throw badRequest('groupIds must be given.')
  if (groupIds.length > 20) throw badRequest('Too many elements in groupIds: at most 20 are allowed.')
  const mine = groupsOf(ask, subject(ask))
  const value = groupIds.filter((g) => mine.includes(g))
  return {
    status: 200,
    body: { '@odata.context': `${call.origin}/v1.0/$metadata#Collection(Edm.String)`, value },
  }
}

function rolesOf({ directory }: Ask, id: string, groups: string[]): Item[] {
  const holders = [id, ...groups.filter((g) => directory.groups.get(g)?.isAssignableToRole)]
  const held = directory.roleAssignments
    .seen()
    .filter((a) => holders.includes(a.principalId) && a.directoryScopeId === '/')
  return [...directory.roles.values()]
    .filter((r) => held.some((a) => a.roleDefinitionId === r.id))
    .map(directoryRoleItem)
}

function memberOf(ask: Ask, only?: 'groups' | 'roles') {
  if (only) demandEventual(ask)
  const { id } = user(ask)
  const ids = groupsOf(ask, id)
  const groups = only === 'roles' ? [] : ids.flatMap((g) => ask.directory.groups.get(g) ?? []).map(groupItem)
  const roles = only === 'groups' ? [] : rolesOf(ask, id, ids)
  const shape = only === 'groups' ? shapes.group : only === 'roles' ? shapes.directoryRole : undefined
  return listAnswer(ask.call, [...groups, ...roles], {
    set: only === 'roles' ? 'directoryRoles' : only === 'groups' ? 'groups' : 'directoryObjects',
    ...(shape && { shape }),
  })
}

export const userRoutes = [
  route('GET', '/users', may.readUsers, ({ call, directory }) =>
    listAnswer(call, [...directory.people.values()].map(userItem), listing(directory)),
  ),
  route('GET', '/users/{id}', may.readUsers, (ask) =>
    oneAnswer(ask.call, userItem(user(ask)), listing(ask.directory)),
  ),
  route('GET', '/users/{id}/manager', may.readUsers, manager),
  ...(
    [
      ['users', may.readMemberships],
      ['groups', may.readGroups],
      ['directoryObjects', may.readMemberships],
    ] as const
  ).flatMap(([set, anyOf]) => [
    route('POST', `/${set}/{id}/getMemberGroups`, anyOf, getMemberGroups),
    route('POST', `/${set}/{id}/checkMemberGroups`, anyOf, checkMemberGroups),
  ]),
  route('GET', '/users/{id}/transitiveMemberOf', may.readMemberships, (ask) => memberOf(ask)),
  route('GET', '/users/{id}/transitiveMemberOf/microsoft.graph.group', may.readMemberships, (ask) =>
    memberOf(ask, 'groups'),
  ),
  route('GET', '/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole', may.readMemberships, (ask) =>
    memberOf(ask, 'roles'),
  ),
]
