import type { Group, Link } from '../directory/model.ts'
import { group } from './groups.ts'
import { badRequest, denied, notFound } from './problem.ts'
import { type Ask, may, route } from './routes.ts'

type Kind = Link['kind']

const OBJECT = /\/(?:directoryObjects|users|groups|servicePrincipals)(?:\/|\(')([0-9a-f-]{36})(?:'\))?$/i

/** Why Graph refuses to write the membership at all. */
function demandWritable(of: Group, kind: Kind, { caller }: Ask): void {
  if (of.isAssignableToRole && !caller.permissions.has('RoleManagement.ReadWrite.Directory')) throw denied()
  if (of.onPremisesSyncEnabled)
    throw badRequest(
      'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
    )
  if (kind === 'members' && of.groupTypes.includes('DynamicMembership'))
    // its owners are people's to choose
    throw badRequest('Update to groups with dynamic membership is not supported for the members property.')
  if (of.mailEnabled && !of.groupTypes.includes('Unified'))
    throw badRequest('Cannot Update a mail-enabled security groups and or distribution list.')
  if (of.isManagementRestricted) throw denied()
}

function add(ask: Ask, kind: Kind) {
  const { directory, body } = ask
  const to = group(ask)
  demandWritable(to, kind, ask)
  const objectId = OBJECT.exec(`${body['@odata.id'] ?? ''}`)?.[1]?.toLowerCase()
  if (!objectId) throw badRequest("The reference '@odata.id' must be the address of a directory object.")
  if (!directory.object(objectId)) throw notFound(objectId)
  if (!directory.principal(objectId) || (directory.groups.has(objectId) && kind === 'owners'))
    throw badRequest(
      `The specified reference object is of a type that cannot be one of the ${kind} of a group.`,
    )
  if (directory.groups.has(objectId) && to.isAssignableToRole)
    throw badRequest('A group cannot be added as a member of a role-assignable group.')
  if (
    kind === 'owners' &&
    ownersOf(ask, to).length >= MOST_OWNERS &&
    !directory.linked(linkTo(kind, to, objectId))
  )
    throw badRequest(`The group has ${MOST_OWNERS} owners already, which is the maximum.`)
  if (!directory.link(linkTo(kind, to, objectId)))
    throw badRequest(
      `One or more added object references already exist for the following modified properties: '${kind}'.`,
    )
  return { status: 204 }
}

const MOST_OWNERS = 100

const linkTo = (kind: Kind, { id }: Group, objectId: string): Link => ({ kind, groupId: id, objectId })
const ownersOf = ({ directory }: Ask, { id }: Group) =>
  directory.links.values().filter((l) => l.kind === 'owners' && l.groupId === id)

function remove(ask: Ask, kind: Kind) {
  const { directory, at } = ask
  const from = group(ask)
  demandWritable(from, kind, ask)
  const objectId = (at.object ?? '').toLowerCase()
  const link = linkTo(kind, from, objectId)
  // Which of the two answers one gets for an absence is documented as either; unknown objects give the one, strangers the other.
  if (!directory.object(objectId)) throw notFound(objectId)
  if (!directory.linked(link))
    throw badRequest(
      `One or more removed object references do not exist for the following modified properties: '${kind}'.`,
    )
  if (kind === 'owners' && ownersOf(ask, from).length === 1)
    throw badRequest('The group must have at least one owner, hence this owner cannot be removed.')
  directory.unlink(link)
  return { status: 204 }
}

function check(ask: Ask, kind: Kind) {
  const { directory, at, call } = ask
  const objectId = (at.object ?? '').toLowerCase()
  if (!directory.linked({ kind, groupId: group(ask).id, objectId })) throw notFound(objectId)
  const id = `${call.origin}/v1.0/directoryObjects/${objectId}`
  return {
    status: 200,
    body: { '@odata.context': `${call.origin}/v1.0/$metadata#directoryObjects/$ref`, '@odata.id': id },
  }
}

/** The trap: without /$ref the address is that of the object itself, and it is the object that is deleted. */
function deleteObject({ directory, at, caller }: Ask) {
  const id = (at.object ?? at.id ?? '').toLowerCase()
  if (!directory.principal(id)) throw notFound(id)
  const anyOf = directory.groups.has(id) ? may.deleteGroups : may.deleteUsers
  if (!anyOf.some((p) => caller.permissions.has(p))) throw denied()
  directory.remove(id, caller.id)
  return { status: 204 }
}

const kinds = [
  { kind: 'members', anyOf: may.writeMembers },
  { kind: 'owners', anyOf: may.writeOwners },
] as const

export const referenceRoutes = [
  ...kinds.flatMap(({ kind, anyOf }) => [
    route('POST', `/groups/{id}/${kind}/$ref`, anyOf, (ask) => add(ask, kind)),
    route('DELETE', `/groups/{id}/${kind}/{object}/$ref`, anyOf, (ask) => remove(ask, kind)),
    route('GET', `/groups/{id}/${kind}/{object}/$ref`, may.readGroups, (ask) => check(ask, kind)),
    route('DELETE', `/groups/{id}/${kind}/{object}`, [], deleteObject),
  ]),
  ...['users', 'groups', 'servicePrincipals', 'directoryObjects'].map((set) =>
    route('DELETE', `/${set}/{id}`, [], deleteObject),
  ),
]
