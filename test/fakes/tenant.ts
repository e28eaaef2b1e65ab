import type { Person } from '../../src/domain/person.ts'
import {
  ADMINISTRATORS,
  type Role,
  type RoleDefinition,
  type RoleDescription,
  roleKey,
} from '../../src/domain/role.ts'
import { type Directory, Impossible, type RoleProvider, Unavailable } from '../../src/ports.ts'

type Row = { id: string; principalId: string; role: Role; addedAt: number; removedAt: number | null }
type Operation = 'find' | 'add' | 'remove'
/**
 * What becomes of one call. `down`: nothing is done, no answer. `lost`: it is done, and the answer is lost. `refused`:
 * nothing is done, for good.
 */
type Trouble = 'fine' | 'down' | 'lost' | 'refused'

type FakeGroup = {
  id: string
  displayName: string
  members: string[]
  owners?: string[]
  isAssignableToRole?: boolean
  refusal?: RoleDescription['refusal']
}

/** A tenant in memory: people, groups, roles and who holds them, as awkward as the real one can be. */
export function fakeTenant(now: () => Date) {
  const people = new Map<string, Person>()
  const groups = new Map<string, FakeGroup>()
  const definitions = new Map<string, RoleDefinition>()
  const applications = new Map<string, { id: string; displayName: string }>()
  const rows: Row[] = []
  /** Who is whose manager, by their ids. */
  const managers = new Map<string, string>()
  const calls: string[] = []
  const next: Record<Operation, Trouble[]> = { find: [], add: [], remove: [] }
  const always: Record<Operation, Trouble> = { find: 'fine', add: 'fine', remove: 'fine' }
  /** How late `find` shows what was added or removed. */
  const lag = { millis: 0 }
  /** An assignment that is made again has the id that it had, as in the directory and in groups. */
  const ids = { same: false }

  const isIn = (id: string, groupId: string, seen: string[] = []): boolean => {
    if (seen.includes(groupId)) return false
    const activated = rows
      .filter(({ role, removedAt }) => removedAt === null && role.roleDefinitionId === 'member')
      .filter(({ role }) => role.scope === `/groups/${groupId}`)
    const members = [
      ...(groups.get(groupId)?.members ?? []),
      ...activated.map(({ principalId }) => principalId),
    ]
    return members.includes(id) || members.some((member) => isIn(id, member, [...seen, groupId]))
  }
  const peopleIn = (groupId: string): Person[] =>
    [...people.values()].filter(({ id }) => isIn(id, groupId)).map((person) => structuredClone(person))
  const there = (principalId: string, role: Role) =>
    rows.find(
      (row) => row.principalId === principalId && roleKey(row.role) === roleKey(role) && !row.removedAt,
    )

  async function call<T>(operation: Operation, work: () => T): Promise<T> {
    calls.push(operation)
    const trouble = next[operation].shift() ?? always[operation]
    if (trouble === 'down') throw new Unavailable('The tenant does not answer.')
    if (trouble === 'refused') throw new Impossible('Authorization_RequestDenied', 'Insufficient privileges.')
    const result = work()
    if (trouble === 'lost') throw new Unavailable('The answer of the tenant was lost.')
    return result
  }

  const directoryRoles: RoleProvider = {
    find: (principalId, role) =>
      call('find', () => {
        const shown = now().getTime() - lag.millis
        return rows
          .filter((row) => row.principalId === principalId && roleKey(row.role) === roleKey(role))
          .filter(({ addedAt, removedAt }) => addedAt <= shown && (removedAt === null || removedAt > shown))
          .map(({ id }) => id)
      }),
    add: (principal, role) =>
      call('add', () => {
        if (there(principal.id, role)) return { outcome: 'exists' as const }
        return { outcome: 'added' as const, id: give(principal.id, role) }
      }),
    remove: (id) =>
      call('remove', () => {
        const row = rows.find((each) => each.id === id && !each.removedAt)
        if (row) row.removedAt = now().getTime()
      }),
    roles: async () => structuredClone([...definitions.values()]),
    describe: async ({ roleDefinitionId, scope }) => {
      const definition = definitions.get(roleDefinitionId)
      const scopeName = scope === '/' ? 'the whole directory' : scope
      return definition && structuredClone({ ...definition, scopeName, refusal: null })
    },
    scopesAbove: async () => [],
    held: async (scope) => ({
      items: rows
        .filter(({ role, removedAt }) => role.scope === scope && removedAt === null)
        .map(({ id, principalId, role }) => ({ id, principalId, principalType: null, role })),
      next: null,
    }),
    mayAdminister: async (personId) =>
      (await directory.rolesHeldBy(personId)).some((id) => ADMINISTRATORS.includes(id)),
    administrators: () => directory.holdersOf(ADMINISTRATORS),
  }

  const groupMemberships: RoleProvider = {
    ...directoryRoles,
    roles: async () => [],
    describe: async ({ roleDefinitionId, scope }) => {
      const group = groups.get(scope.replace('/groups/', ''))
      return (
        group && {
          id: roleDefinitionId,
          displayName: roleDefinitionId === 'owner' ? 'Owner' : 'Member',
          isBuiltIn: true,
          isEnabled: true,
          isPrivileged: group.isAssignableToRole === true,
          scopeName: group.displayName,
          refusal: group.refusal ?? null,
        }
      )
    },
    administrators: async ({ scope }) => {
      const owners = groups.get(scope.replace('/groups/', ''))?.owners ?? []
      const found = owners.flatMap((id) => people.get(id) ?? [])
      return found.length > 0 ? structuredClone(found) : directory.holdersOf(ADMINISTRATORS)
    },
    mayAdminister: async (personId, { scope }) =>
      (groups.get(scope.replace('/groups/', ''))?.owners ?? []).includes(personId) ||
      (await directory.rolesHeldBy(personId)).some((id) => ADMINISTRATORS.includes(id)),
  }

  /** Gives a role behind Interim's back, `ago` milliseconds ago. */
  function give(principalId: string, role: Role, ago = 0): string {
    const id = ids.same ? `${principalId} has ${roleKey(role)}` : `assignment-${rows.length + 1}`
    rows.push({ id, principalId, role: { ...role }, addedAt: now().getTime() - ago, removedAt: null })
    return id
  }

  const directory: Directory = {
    person: async (id) => structuredClone(people.get(id)),
    people: async (ids) => structuredClone(ids.flatMap((id) => people.get(id) ?? [])),
    managerOf: async (id) => structuredClone(people.get(managers.get(id) ?? '')),
    group: async (id) => {
      const group = groups.get(id)
      return (
        group && { id, displayName: group.displayName, isAssignableToRole: group.isAssignableToRole === true }
      )
    },
    servicePrincipal: async (id) => structuredClone(applications.get(id)),
    principals: async (asked) =>
      asked.flatMap(({ id }) => {
        const person = people.get(id)
        if (person)
          return {
            id,
            type: 'User',
            displayName: person.displayName,
            isEnabled: person.accountEnabled,
            isGuest: false,
          }
        const name = groups.get(id)?.displayName ?? applications.get(id)?.displayName
        const type = groups.has(id) ? 'Group' : 'ServicePrincipal'
        return name
          ? { id, type, displayName: name, isEnabled: groups.has(id) ? null : true, isGuest: false }
          : []
      }),
    groupsOf: async (personId, groupIds) => groupIds.filter((groupId) => isIn(personId, groupId)),
    groupsAbove: async (id, groupIds) => groupIds.filter((groupId) => isIn(id, groupId)),
    groupsOwnedBy: async (id) =>
      [...groups.values()].filter(({ owners }) => owners?.includes(id)).map((group) => group.id),
    membersOf: async (groupId, top) => peopleIn(groupId).slice(0, top),
    rolesHeldBy: async (personId) =>
      rows
        .filter(({ removedAt, role }) => removedAt === null && role.scope === '/')
        .filter(({ principalId }) => principalId === personId || isIn(personId, principalId))
        .map(({ role }) => role.roleDefinitionId),
    assignmentsOf: async (roleDefinitionIds) =>
      rows
        .filter(({ removedAt, role }) => removedAt === null && role.scope === '/')
        .map(({ principalId, role: { roleDefinitionId } }) => ({ principalId, roleDefinitionId }))
        .filter(({ roleDefinitionId }) => roleDefinitionIds.includes(roleDefinitionId)),
    holdersOf: async (roleDefinitionIds) => {
      const holders = rows
        .filter(
          ({ removedAt, role }) =>
            removedAt === null && role.scope === '/' && roleDefinitionIds.includes(role.roleDefinitionId),
        )
        .flatMap(({ principalId }) => people.get(principalId) ?? peopleIn(principalId))
      return [...new Map(holders.map((person) => [person.id, structuredClone(person)])).values()]
    },
  }

  return {
    directory,
    providers: { directory: directoryRoles, group: groupMemberships },
    people,
    managers,
    groups,
    applications,
    definitions,
    rows,
    calls,
    next,
    always,
    lag,
    ids,
    give,
    holds: (principalId: string, role: Role) => there(principalId, role) !== undefined,
  }
}
