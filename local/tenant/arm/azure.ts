import { createHash } from 'node:crypto'
import type { Directory } from '../directory/directory.ts'
import { EventualMap, type Lag } from '../directory/eventual.ts'
import { transitiveGroups } from '../directory/membership.ts'
import type {
  AzureAssignment,
  AzureRole,
  Lock,
  ManagementGroup,
  Permission,
  Resource,
  ResourceGroup,
  Subscription,
} from './model.ts'
import * as seed from './seed-azure.ts'

const GROUP = '/providers/microsoft.management/managementgroups/'
const low = (text: string) => text.toLowerCase()
const copies = <T>(all: Record<string, T>, key: (one: T) => string) =>
  new Map(Object.values(all).map((one) => [low(key(one)), structuredClone(one)]))

/** Azure as it is now: scopes, roles, who holds them where, and locks. Keys are in lower case. */
export class Azure {
  readonly managementGroups: Map<string, ManagementGroup> = copies<ManagementGroup>(
    seed.managementGroups,
    ({ name }) => name,
  )
  readonly subscriptions: Map<string, Subscription> = copies<Subscription>(
    seed.subscriptions,
    ({ subscriptionId }) => subscriptionId,
  )
  readonly resourceGroups: Map<string, ResourceGroup> = copies(seed.resourceGroups, ({ id }) => id)
  readonly resources: Map<string, Resource> = copies(seed.resources, ({ id }) => id)
  readonly roles: Map<string, AzureRole> = copies<AzureRole>(seed.azureRoles, ({ name }) => name)
  /** By scope and name: the name alone is unique at its scope only. */
  readonly assignments: EventualMap<AzureAssignment>
  readonly locks: Lock[] = []

  constructor(lag: Lag) {
    this.assignments = new EventualMap<AzureAssignment>(lag)
    for (const { principal, role, scope } of seed.azureStanding)
      this.assign({
        name: guidOf(`${principal.id} ${role.name} ${scope}`),
        scope,
        role: role.name,
        principalId: principal.id,
        principalType: kindOf(principal),
      })
    this.assignments.settle()
  }

  assign(
    given: Pick<AzureAssignment, 'name' | 'scope' | 'role' | 'principalId' | 'principalType'> &
      Partial<AzureAssignment>,
  ): AzureAssignment {
    const assignment: AzureAssignment = {
      description: null,
      condition: null,
      conditionVersion: null,
      createdOn: new Date().toISOString(),
      createdBy: '',
      ...given,
    }
    this.assignments.set(assignmentKey(given.scope, given.name), assignment)
    return assignment
  }

  /** The very same: principal, role and scope. */
  same(principalId: string, role: string, scope: string): AzureAssignment | undefined {
    return this.assignments
      .values()
      .find((a) => a.principalId === principalId && a.role === role && low(a.scope) === low(scope))
  }

  /** What the scope is called; undefined when there is none. Below a resource everything is taken to be there. */
  nameOf(scope: string): string | undefined {
    const key = low(scope)
    if (key.startsWith(GROUP)) return this.managementGroups.get(key.slice(GROUP.length))?.displayName
    const [, , id = '', , group] = key.split('/')
    if (!group) return this.subscriptions.get(id)?.displayName
    const inside = this.resourceGroups.get(key.split('/').slice(0, 5).join('/'))
    if (key.split('/').length === 5) return inside?.name
    const top = this.resources.get(key.split('/').slice(0, 9).join('/'))
    return inside && top ? scope.split('/').at(-1) : undefined
  }

  /** This scope and all that it lies in, in lower case, the nearest first. */
  upwards(scope: string): string[] {
    const key = low(scope)
    if (key.startsWith(GROUP)) return this.chain(key.slice(GROUP.length)).map((name) => GROUP + name)
    const parts = key.split('/')
    const found: string[] = []
    for (let end = parts.length; end > 9; end -= 2) found.push(parts.slice(0, end).join('/'))
    if (parts.length >= 9) found.push(parts.slice(0, 9).join('/'))
    if (parts.length >= 5) found.push(parts.slice(0, 5).join('/'))
    found.push(parts.slice(0, 3).join('/'))
    const parent = this.subscriptions.get(parts[2] ?? '')?.parent
    return [...found, ...this.chain(parent ?? '').map((name) => GROUP + name)]
  }

  /** A management group and those above it, by name, the nearest first. */
  chain(name: string): string[] {
    const group = this.managementGroups.get(low(name))
    return group ? [low(group.name), ...(group.parent === null ? [] : this.chain(group.parent))] : []
  }

  /** Somebody, and every group they are in. */
  principals(directory: Directory, id: string): Set<string> {
    return new Set([id, ...transitiveGroups(directory.links.values(), id)])
  }

  /** May this principal do it here: directly or through a group, here or above. Conditions are not weighed. */
  may(directory: Directory, id: string, action: string, scope: string): boolean {
    const who = this.principals(directory, id)
    const where = new Set(this.upwards(scope))
    return this.assignments
      .values()
      .some(
        (a) =>
          who.has(a.principalId) &&
          where.has(low(a.scope)) &&
          (this.roles.get(a.role)?.permissions ?? []).some((permission) => allows(permission, action)),
      )
  }

  /** A lock on this scope or above it, of this level if one is named. */
  lockAt(scope: string, level?: Lock['level']): Lock | undefined {
    const where = new Set(this.upwards(scope))
    return this.locks.find((lock) => where.has(low(lock.scope)) && (!level || lock.level === level))
  }
}

export const assignmentKey = (scope: string, name: string) => low(`${scope}|${name}`)

const matches = (pattern: string, action: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.\\+?^$()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  ).test(action)

export const allows = ({ actions, notActions }: Permission, action: string) =>
  actions.some((each) => matches(each, action)) && !notActions.some((each) => matches(each, action))

/** A GUID for a text, the same every time. */
function guidOf(text: string): string {
  const h = createHash('sha256').update(low(text)).digest('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`
}

export const kindOf = (principal: object): AzureAssignment['principalType'] =>
  'userPrincipalName' in principal ? 'User' : 'appId' in principal ? 'ServicePrincipal' : 'Group'
