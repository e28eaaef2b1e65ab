/** What the tenant holds, with Graph's names for the properties. `short` is ours: the name that scripts use. */

export type Person = {
  id: string
  short: string
  displayName: string
  givenName: string
  surname: string
  userPrincipalName: string
  mail: string
  jobTitle: string
  department: string
  accountEnabled: boolean
  userType: 'Member' | 'Guest'
  createdDateTime: string
  managerId?: string
}

export type Group = {
  id: string
  short: string
  displayName: string
  description: string
  createdDateTime: string
  groupTypes: string[]
  securityEnabled: boolean
  mailEnabled: boolean
  mailNickname: string
  isAssignableToRole: boolean
  isManagementRestricted: boolean
  onPremisesSyncEnabled: boolean | null
  membershipRule: string | null
  visibility: string | null
}

export type ServicePrincipal = {
  id: string
  short: string
  appId: string
  displayName: string
  servicePrincipalType: 'Application' | 'ManagedIdentity'
  accountEnabled: boolean
  /** The Graph application permissions that were consented to. */
  permissions: string[]
}

export type AdministrativeUnit = { id: string; short: string; displayName: string; description: string }

export type RoleDefinition = {
  id: string
  templateId: string
  displayName: string
  description: string
  isBuiltIn: boolean
  isEnabled: boolean
  isPrivileged: boolean
  /** Where else than in the whole tenant the role may be assigned. */
  scopes: ('administrativeUnit' | 'object')[]
}

export type RoleAssignment = {
  id: string
  principalId: string
  roleDefinitionId: string
  directoryScopeId: string
}

/** One membership or ownership. */
export type Link = { kind: 'members' | 'owners'; groupId: string; objectId: string }

export type Deletion = { id: string; kind: string; displayName: string; at: string; by: string }
