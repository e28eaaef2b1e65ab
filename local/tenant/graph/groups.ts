import { transitiveMembers } from '../directory/membership.ts'
import type { Group, Link } from '../directory/model.ts'
import { listAnswer, oneAnswer } from './odata.ts'
import { notFound } from './problem.ts'
import { type Ask, may, route } from './routes.ts'
import { groupItem, objectItem, shapes } from './shapes.ts'
import { demandEventual } from './users.ts'

const listing = { set: 'groups', shape: shapes.group }
const casts = {
  'microsoft.graph.user': shapes.user,
  'microsoft.graph.group': shapes.group,
  'microsoft.graph.servicePrincipal': shapes.servicePrincipal,
}
type Cast = keyof typeof casts

export function group({ directory, at }: Ask): Group {
  const hit = directory.groups.get((at.id ?? '').toLowerCase())
  if (!hit) throw notFound(at.id ?? '')
  return hit
}

function objects(ask: Ask, ids: string[], cast?: Cast) {
  if (cast || ask.call.query.has('$filter')) demandEventual(ask)
  const items = ids.flatMap((id) => objectItem(ask.directory, id) ?? [])
  // v1.0 does not list service principals here, a known issue of long standing: who takes absence for “gone” is wrong.
  const listed = items.filter(({ shape }) => shape !== shapes.servicePrincipal)
  if (!cast) return listAnswer(ask.call, listed, { set: 'directoryObjects' })
  const shape = casts[cast]
  return listAnswer(
    ask.call,
    items.filter((i) => i.shape === shape),
    { set: `${shape.type}s`, shape },
  )
}

const direct = (ask: Ask, kind: Link['kind']) => {
  const { id } = group(ask)
  return ask.directory.links
    .seen()
    .filter((l) => l.kind === kind && l.groupId === id)
    .map((l) => l.objectId)
}
const transitive = (ask: Ask) => transitiveMembers(ask.directory.links.seen(), group(ask).id)

/** From the other side, where nothing is left out. */
function linkedWith(
  ask: Ask,
  kind: Link['kind'],
  whose: 'servicePrincipals' | 'people' = 'servicePrincipals',
) {
  const { directory, at, call } = ask
  const id = (at.id ?? '').toLowerCase()
  if (!directory[whose].has(id)) throw notFound(at.id ?? '')
  const ids = directory.links.seen().filter((l) => l.kind === kind && l.objectId === id)
  const items = ids.flatMap(({ groupId }) => objectItem(directory, groupId) ?? [])
  return listAnswer(call, items, { set: 'directoryObjects' })
}

const lists = [
  { path: 'members', ids: (ask: Ask) => direct(ask, 'members') },
  { path: 'owners', ids: (ask: Ask) => direct(ask, 'owners') },
  { path: 'transitiveMembers', ids: transitive },
]

export const groupRoutes = [
  route('GET', '/groups', may.readGroups, ({ call, directory }) =>
    listAnswer(call, [...directory.groups.values()].map(groupItem), listing),
  ),
  route('GET', '/groups/{id}', may.readGroups, (ask) => oneAnswer(ask.call, groupItem(group(ask)), listing)),
  ...lists.flatMap(({ path, ids }) => [
    route('GET', `/groups/{id}/${path}`, may.readGroups, (ask) => objects(ask, ids(ask))),
    ...Object.keys(casts).map((cast) =>
      route('GET', `/groups/{id}/${path}/${cast}`, may.readGroups, (ask) =>
        objects(ask, ids(ask), cast as Cast),
      ),
    ),
  ]),
  route('GET', '/servicePrincipals/{id}/memberOf', may.readApplications, (ask) => linkedWith(ask, 'members')),
  route('GET', '/servicePrincipals/{id}/ownedObjects', may.readApplications, (ask) =>
    linkedWith(ask, 'owners'),
  ),
  route('GET', '/users/{id}/ownedObjects', may.readUsers, (ask) => linkedWith(ask, 'owners', 'people')),
]
