/** What Azure holds, with ARM's names for the properties. Ids are compared without regard to case. */

export type ManagementGroup = { name: string; displayName: string; parent: string | null }

/** `parent` is the name of its management group. */
export type Subscription = { subscriptionId: string; displayName: string; parent: string }

export type ResourceGroup = { id: string; name: string }

/** A resource: `type` as in `Microsoft.Storage/storageAccounts`. */
export type Resource = { id: string; name: string; type: string }

export type Permission = {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

export type AzureRole = {
  /** The GUID. */
  name: string
  roleName: string
  description: string
  type: 'BuiltInRole' | 'CustomRole'
  permissions: Permission[]
  assignableScopes: string[]
}

export type AzureAssignment = {
  /** The GUID that whoever made it has chosen. */
  name: string
  scope: string
  /** The GUID of the role. */
  role: string
  principalId: string
  principalType: 'User' | 'Group' | 'ServicePrincipal'
  description: string | null
  condition: string | null
  conditionVersion: string | null
  createdOn: string
  createdBy: string
}

export type Lock = { scope: string; level: 'CanNotDelete' | 'ReadOnly' }
