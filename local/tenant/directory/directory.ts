import * as seed from '../seed.ts'
import { EventualMap, type Lag } from './eventual.ts'
import type {
  AdministrativeUnit,
  Deletion,
  Group,
  Link,
  Person,
  RoleAssignment,
  RoleDefinition,
  ServicePrincipal,
} from './model.ts'

const byId = <T extends { id: string }>(all: Record<string, T>) =>
  new Map(Object.values(all).map((one) => [one.id, structuredClone(one)]))

/** The directory as it is now. Who may change it, and how it looks from outside, is said elsewhere. */
export class Directory {
  readonly people: Map<string, Person> = byId(seed.people)
  readonly groups: Map<string, Group> = byId(seed.groups)
  readonly servicePrincipals: Map<string, ServicePrincipal> = byId<ServicePrincipal>(seed.servicePrincipals)
  readonly administrativeUnits: Map<string, AdministrativeUnit> = byId(seed.administrativeUnits)
  readonly roles: Map<string, RoleDefinition> = byId<RoleDefinition>(seed.roles)
  readonly links: EventualMap<Link>
  readonly roleAssignments: EventualMap<RoleAssignment>
  readonly deletions: Deletion[] = []

  constructor(lag: Lag) {
    this.links = new EventualMap<Link>(lag)
    this.roleAssignments = new EventualMap<RoleAssignment>(lag)
    for (const link of seed.links) this.link(link)
    for (const { principal, role } of seed.standing) this.assign(principal.id, role.id, '/')
    this.links.settle()
    this.roleAssignments.settle()
  }

  principal(id: string): Person | Group | ServicePrincipal | undefined {
    return this.people.get(id) ?? this.groups.get(id) ?? this.servicePrincipals.get(id)
  }

  object(id: string): { id: string; displayName: string } | undefined {
    return this.principal(id) ?? this.administrativeUnits.get(id)
  }

  link(link: Link): boolean {
    if (this.links.has(linkKey(link))) return false
    this.links.set(linkKey(link), link)
    return true
  }

  unlink(link: Link): boolean {
    return this.links.delete(linkKey(link))
  }

  linked(link: Link): boolean {
    return this.links.has(linkKey(link))
  }

  /** Undefined when the very same assignment exists. */
  assign(
    principalId: string,
    roleDefinitionId: string,
    directoryScopeId: string,
  ): RoleAssignment | undefined {
    const id = assignmentId(principalId, roleDefinitionId, directoryScopeId)
    if (this.roleAssignments.has(id)) return undefined
    const assignment = { id, principalId, roleDefinitionId, directoryScopeId }
    this.roleAssignments.set(id, assignment)
    return assignment
  }

  /** Deletes a person, group or service principal, and what hangs on it. */
  remove(id: string, by: string): boolean {
    const object = this.principal(id)
    if (!object) return false
    const kind = this.people.has(id) ? 'user' : this.groups.has(id) ? 'group' : 'servicePrincipal'
    for (const map of [this.people, this.groups, this.servicePrincipals]) map.delete(id)
    for (const link of this.links.values())
      if (link.objectId === id || link.groupId === id) this.links.delete(linkKey(link))
    for (const held of this.roleAssignments.values())
      if (held.principalId === id) this.roleAssignments.delete(held.id)
    this.deletions.push({ id, kind, displayName: object.displayName, at: new Date().toISOString(), by })
    return true
  }
}

const linkKey = ({ kind, groupId, objectId }: Link) => `${kind}/${groupId}/${objectId}`

/** Opaque to clients; made of role and principal as Entra makes its own, so the same grant made again has the same id. */
function assignmentId(principalId: string, roleDefinitionId: string, scope: string): string {
  const bytes = Buffer.from((roleDefinitionId + principalId).replaceAll('-', ''), 'hex').toString('base64url')
  return scope === '/' ? `${bytes}-1` : `${bytes}-${Buffer.from(scope).toString('base64url')}`
}
