import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Directory } from '../directory/directory.ts'
import type { Link, Person } from '../directory/model.ts'
import { groupNamed, personNamed, principalNamed, roleNamed } from '../directory/names.ts'
import { type Answer, type Call, json } from '../http.ts'

/** Changes made “outside”: by somebody in the admin centre, not by the app. */

const newPerson = z.looseObject({
  short: z.string().min(1),
  displayName: z.string().optional(),
  manager: z.string().optional(),
})
const personPatch = z.strictObject({
  accountEnabled: z.boolean().optional(),
  displayName: z.string().optional(),
  jobTitle: z.string().optional(),
  department: z.string().optional(),
  mail: z.string().nullable().optional(),
  userType: z.enum(['Member', 'Guest']).optional(),
  manager: z.string().nullable().optional(),
})
const newGroup = z.looseObject({
  short: z.string().min(1),
  displayName: z.string().optional(),
  members: z.array(z.string()).default([]),
  owners: z.array(z.string()).default([]),
})
const assignment = z.object({ principal: z.string(), role: z.string(), scope: z.string().default('/') })

/** One person, or a list of them. */
export function addPeople(directory: Directory, call: Call): Answer {
  const given = z.union([newPerson, z.array(newPerson)]).parse(json(call))
  const body = Array.isArray(given)
    ? given.map((one) => addPerson(directory, one))
    : addPerson(directory, given)
  return { status: 201, body }
}

function addPerson(directory: Directory, given: z.infer<typeof newPerson>): Person {
  const { short, manager, ...more } = given
  const mail = `${short}@contoso.example`
  const { displayName = short } = more
  const person = {
    id: randomUUID(),
    short,
    givenName: displayName.split(' ')[0] ?? '',
    surname: displayName.split(' ').slice(1).join(' '),
    userPrincipalName: mail,
    mail,
    jobTitle: '',
    department: '',
    accountEnabled: true,
    userType: 'Member' as const,
    createdDateTime: new Date().toISOString(),
    ...more,
    displayName,
    ...(manager !== undefined && { managerId: personNamed(directory, manager).id }),
  }
  directory.people.set(person.id, person)
  return person
}

export function patchPerson(directory: Directory, call: Call, name: string): Answer {
  const person = personNamed(directory, name)
  const { manager, ...patch } = personPatch.parse(json(call))
  Object.assign(person, patch)
  if (manager === null) delete person.managerId
  else if (manager !== undefined) person.managerId = personNamed(directory, manager).id
  return { status: 200, body: person }
}

export function addGroup(directory: Directory, call: Call): Answer {
  const { short, displayName = short, members, owners, ...more } = newGroup.parse(json(call))
  const group = {
    id: randomUUID(),
    short,
    displayName,
    description: '',
    createdDateTime: new Date().toISOString(),
    groupTypes: [],
    securityEnabled: true,
    mailEnabled: false,
    mailNickname: short,
    isAssignableToRole: false,
    isManagementRestricted: false,
    onPremisesSyncEnabled: null,
    membershipRule: null,
    visibility: null,
    ...more,
  }
  const links = (
    [
      ['members', members],
      ['owners', owners],
    ] as const
  ).flatMap(([kind, names]) =>
    names.map((name) => ({ kind, groupId: group.id, objectId: principalNamed(directory, name).id })),
  )
  directory.groups.set(group.id, group)
  for (const link of links) directory.link(link)
  return { status: 201, body: group }
}

export function setLink(
  directory: Directory,
  method: string,
  kind: Link['kind'],
  group: string,
  object: string,
): Answer {
  const link = {
    kind,
    groupId: groupNamed(directory, group).id,
    objectId: principalNamed(directory, object).id,
  }
  if (method === 'PUT') directory.link(link)
  else directory.unlink(link)
  return { status: 204 }
}

/** The body names principal, role and scope; for DELETE, the query may. */
export function setAssignment(directory: Directory, call: Call): Answer {
  const given = assignment.parse(json(call) ?? Object.fromEntries(call.query))
  const principal = principalNamed(directory, given.principal)
  const role = roleNamed(directory, given.role)
  if (call.method === 'POST') {
    const made = directory.assign(principal.id, role.id, given.scope)
    return made ? { status: 201, body: made } : { status: 409, body: { error: 'It is assigned already.' } }
  }
  const held = directory.roleAssignments
    .values()
    .find(
      (a) =>
        a.principalId === principal.id &&
        a.roleDefinitionId === role.id &&
        a.directoryScopeId === given.scope,
    )
  if (!held) return { status: 404, body: { error: 'It is not assigned.' } }
  directory.roleAssignments.delete(held.id)
  return { status: 204 }
}
