import type { Person } from '../../domain/person.ts'
import type { RoleDescription } from '../../domain/role.ts'
import { type Directory, Impossible, type RoleProvider, Unavailable } from '../../ports.ts'
import { freshCache } from '../fresh-cache.ts'
import { addedOrExists, meaningOfAdd, meaningOfRemove } from './answers.ts'
import type { Arm } from './client.ts'
import { addressable, hierarchy } from './hierarchy.ts'
import { allAt, pageAt } from './list.ts'
import { assignsRoles } from './permissions.ts'
import {
  ACCESS,
  type ArmAssignment,
  type ArmRole,
  asHeld,
  asRole,
  body,
  isAt,
  type Known,
  lastOf,
  listOf,
  onlyDefinition,
  roleOf,
  VERSION,
} from './shapes.ts'

/** Names and actions of roles change rarely. */
const ROLE_MILLIS = 5 * 60_000
/** As many people as one group of administrators is told of. */
const MOST_OF_A_GROUP = 100

/**
 * Azure roles: plain role assignments in Azure Resource Manager. Their names are ours to choose, so what an attempt of ours
 * has made is told from what somebody else has. `governed`: the scopes that Interim gives roles in; it takes away anywhere.
 */
export function azureRoles(
  arm: Arm,
  directory: Directory,
  governed: readonly string[],
  now: () => number,
): RoleProvider {
  const scopes = hierarchy(arm, now)
  const known = freshCache<Known>(ROLE_MILLIS, now)

  /** A role as it can be given at this scope; undefined when it cannot. */
  async function definition(id: string, scope: string): Promise<Known | undefined> {
    const key = `${scope} ${id}`
    const cached = known.get(key)
    if (cached) return cached.value
    const found = await arm.get<ArmRole>(`${addressable(scope)}${ACCESS}/roleDefinitions/${id}?${VERSION}`)
    if (!found) return undefined
    const role = asRole(found)
    known.set(key, role)
    return role
  }

  function ungoverned(scope: string, above: readonly string[]): RoleDescription['refusal'] {
    if ([scope, ...above].some((each) => governed.includes(each))) return null
    return {
      code: 'InvalidScope',
      message: `Interim gives no roles at ${scope}: it lies in none of the scopes of the setting AZURE_SCOPES.`,
    }
  }

  /** What is given under a lock cannot be taken back before somebody lifts it: then it is better not given. */
  async function locked(scope: string): Promise<RoleDescription['refusal']> {
    const path = `${addressable(scope)}${ACCESS}/locks?api-version=2016-09-01&$filter=atScope()`
    const [lock] = (await allAt<{ id: string }>(arm, path)) ?? []
    if (!lock) return null
    return {
      code: 'ResourceIsLocked',
      message: `The lock ${lock.id} would keep Interim from ending what it gives at ${scope}.`,
    }
  }

  /** Assignments at this scope and above it, without those that hold under a condition only. */
  async function giveRoles(scope: string, filter: string): Promise<ArmAssignment[]> {
    const listed = (await allAt<ArmAssignment>(arm, listOf(scope, filter))) ?? []
    const plain = listed.filter(({ properties }) => !properties.condition)
    const ids = [...new Set(plain.map(roleOf))]
    const definitions = await Promise.all(ids.map((id) => definition(id, scope)))
    const giving = ids.filter((_, n) => assignsRoles(definitions[n]?.permissions ?? []))
    return plain.filter((each) => giving.includes(roleOf(each)))
  }

  return {
    async roles(scope) {
      const refused = ungoverned(scope, await scopes.above(scope))
      if (refused) throw new Impossible(refused.code, refused.message)
      const found = await allAt<ArmRole>(arm, `${addressable(scope)}${ACCESS}/roleDefinitions?${VERSION}`)
      if (!found) throw new Impossible('InvalidScope', `There is no scope ${scope}.`)
      return found.map((each) => onlyDefinition(asRole(each)))
    },

    async describe({ roleDefinitionId, scope }) {
      const [role, scopeName, above, lock] = await Promise.all([
        definition(roleDefinitionId, scope),
        scopes.nameOf(scope),
        scopes.above(scope),
        locked(scope),
      ])
      if (!role || scopeName === undefined) return undefined
      if (!role.assignableScopes.some((each) => ['/', scope, ...above].includes(each))) return undefined
      return { ...onlyDefinition(role), scopeName, refusal: ungoverned(scope, above) ?? lock }
    },

    scopesAbove: (scope) => scopes.above(scope),
    scopesBelow: (scope, { top, after }) => scopes.below(scope, top, after),

    async find(principalId, { roleDefinitionId, scope }) {
      const listed = await allAt<ArmAssignment>(arm, listOf(scope, `principalId eq '${principalId}'`))
      // The scope itself is gone, and Azure has taken what was given there with it.
      return (listed ?? [])
        .filter((each) => isAt(scope)(each) && roleOf(each) === roleDefinitionId)
        .map(({ id }) => id.toLowerCase())
    },

    async add(principal, role, name, condition = null) {
      const id = `${role.scope}${ACCESS.toLowerCase()}/roleassignments/${name}`
      const path = `${addressable(role.scope)}${ACCESS}/roleAssignments/${name}?${VERSION}`
      try {
        await arm.put(path, body(principal, role, name, condition))
        return { outcome: 'added', id }
      } catch (error) {
        const there = addedOrExists(error, name)
        if (!there) throw meaningOfAdd(error)
        return there === 'added' ? { outcome: 'added', id } : { outcome: 'exists' }
      }
    },

    async remove(id) {
      try {
        await arm.delete(`${addressable(id)}?${VERSION}`)
      } catch (error) {
        throw meaningOfRemove(error)
      }
    },

    async conditionOf(id) {
      const found = await arm.get<ArmAssignment>(`${addressable(id)}?${VERSION}`)
      return found?.properties.condition ?? null
    },

    isNamed: (id, name) => lastOf(id) === name.toLowerCase(),

    async held(scope, after) {
      const page = await pageAt<ArmAssignment>(arm, after ?? listOf(scope, 'atScope()'))
      if (!page) throw new Unavailable(`Azure shows no assignments at ${scope}.`)
      return { items: page.items.filter(isAt(scope)).map(asHeld), next: page.next }
    },

    async mayAdminister(personId, { scope }) {
      return (await giveRoles(scope, `atScope() and assignedTo('${personId}')`)).length > 0
    },

    async administrators({ scope }) {
      const principals = new Map(
        (await giveRoles(scope, 'atScope()')).map(({ properties }) => [properties.principalId, properties]),
      )
      const people = await Promise.all([...principals.values()].map(peopleBehind))
      return [...new Map(people.flat().map((person) => [person.id, person])).values()]
    },
  }

  async function peopleBehind({
    principalId,
    principalType,
  }: ArmAssignment['properties']): Promise<Person[]> {
    if (principalType === 'Group') return directory.membersOf(principalId, MOST_OF_A_GROUP)
    const person = principalType === 'User' ? await directory.person(principalId) : undefined
    return person ? [person] : []
  }
}
