import type { Person } from '../domain/person.ts'
import type { PrincipalType, Provider, Role, RoleDefinition, RoleDescription } from '../domain/role.ts'
import type { Page, PageOptions } from './stored.ts'

/** Who is who. Always asked live: memberships and roles decide what people may do. Throws `Unavailable` on outages. */
export interface Directory {
  person(id: string): Promise<Person | undefined>
  /** Those of these ids that are people's, many in one call. One that has just been made may be missing. */
  people(ids: readonly string[]): Promise<Person[]>
  /** Undefined when nobody is noted as their manager, or they are not there. */
  managerOf(id: string): Promise<Person | undefined>
  /** `isAssignableToRole`: it may hold directory roles. Set when a group is made, and never changed. */
  group(id: string): Promise<{ id: string; displayName: string; isAssignableToRole: boolean } | undefined>
  /** An application's or a managed identity's account in this tenant. */
  servicePrincipal(id: string): Promise<{ id: string; displayName: string } | undefined>
  /** Those of `groupIds` that the person is a member of, through nested groups too. */
  groupsOf(personId: string, groupIds: readonly string[]): Promise<string[]>
  /** Those of `groupIds` that the group is nested in, through others too. */
  groupsAbove(groupId: string, groupIds: readonly string[]): Promise<string[]>
  /** The groups that the person is an owner of now. */
  groupsOwnedBy(personId: string): Promise<string[]>
  /** The people in a group, through nested groups too, at most `top` of them. */
  membersOf(groupId: string, top: number): Promise<Person[]>
  /** Role definition ids that the person holds in the whole tenant now, through groups too. */
  rolesHeldBy(personId: string): Promise<string[]>
  /** Who is assigned these roles in the whole tenant now: people, groups and applications, each as they are assigned. */
  assignmentsOf(
    roleDefinitionIds: readonly string[],
  ): Promise<{ principalId: string; roleDefinitionId: string }[]>
  /** Those of these principals that are there, whatever their kind; `type` null: it is not known which. At low priority. */
  principals(asked: readonly { id: string; type: PrincipalType | null }[]): Promise<DirectoryPrincipal[]>
  /** People who hold a role in the whole tenant now. */
  holdersOf(roleDefinitionIds: readonly string[]): Promise<Person[]>
}

/** Somebody or something that may hold a role. `isEnabled` null: groups cannot be disabled. */
export type DirectoryPrincipal = {
  id: string
  type: PrincipalType
  displayName: string
  isEnabled: boolean | null
  isGuest: boolean
}

/** To whom something is given. Azure wants to be told what kind of principal it is. */
export type Principal = { id: string; type: PrincipalType }

/** One plain assignment as the provider lists it. `principalType` null: the provider does not say, or it is gone. */
export type Held = {
  id: string
  principalId: string
  principalType: PrincipalType | null
  role: Role
  /** Azure's condition (ABAC), where there is one. */
  condition?: string | null
}

/**
 * What one kind of role is given and taken by: plain assignments, without an end and without a note of who made them. An
 * adapter for each provider; one contract test for all.
 */
export interface RoleProvider {
  /** The roles that can be given at this scope. Throws `Impossible` when there is no such scope. */
  roles(scope: string): Promise<RoleDefinition[]>
  /** The role and its scope; undefined when either is not there. */
  describe(role: Role): Promise<RoleDescription | undefined>
  /** The scopes that this one lies in, the nearest first; none where scopes do not nest. */
  scopesAbove(scope: string): Promise<string[]>
  /** The scopes right below this one, page by page; only where scopes nest. */
  scopesBelow?(scope: string, page: PageOptions): Promise<Page<{ scope: string; displayName: string }>>
  /** The ids of what the principal holds directly, of this role, at exactly this scope. May lag behind a write. */
  find(principalId: string, role: Role): Promise<string[]>
  /**
   * `added`: it was not there, and is ours. `exists`: it was there already. Throws `Unavailable` when nothing is known to
   * have happened or something may have, and `Impossible` when trying again will not help. `name` is the same at every
   * attempt of one request (a GUID): where a provider lets us choose an assignment's name, that is it.
   */
  add(
    principal: Principal,
    role: Role,
    name: string,
    condition?: string | null,
  ): Promise<{ outcome: 'added'; id: string } | { outcome: 'exists' }>
  /** Gone afterwards as far as the provider says; no error when it was gone before. Throws as `add` does. */
  remove(id: string): Promise<void>
  /** Only where a provider lets us choose names: is this the assignment that was added under this name? */
  isNamed?(id: string, name: string): boolean
  /** Only where assignments have conditions: the one of this assignment; null: none, or it is gone. */
  conditionOf?(id: string): Promise<string | null>
  /** All that is held at exactly this scope, page by page, at low priority; `after` null: from the beginning. */
  held(scope: string, after: string | null): Promise<Page<Held>>
  /** May this person assign this role at this scope, now: held for good, for a time, or through a group. */
  mayAdminister(personId: string, role: Role): Promise<boolean>
  /** Who is told as an administrator of this role. */
  administrators(role: Role): Promise<Person[]>
}

/** By their names. Azure is there only where it is configured. */
export type Providers = { directory: RoleProvider } & Partial<Record<Provider, RoleProvider>>
