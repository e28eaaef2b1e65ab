import type {
  AzureAssignment,
  AzureRole,
  ManagementGroup,
  Resource,
  ResourceGroup,
  Subscription,
} from './model.ts'

/** How each kind of object looks to clients. */

const definitionId = (scope: string, role: string) => {
  const [subscription] = /^\/subscriptions\/[^/]+/i.exec(scope) ?? ['']
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`
}

export const assignmentBody = (a: AzureAssignment) => ({
  properties: {
    roleDefinitionId: definitionId(a.scope, a.role),
    principalId: a.principalId,
    principalType: a.principalType,
    scope: a.scope,
    condition: a.condition,
    conditionVersion: a.conditionVersion,
    description: a.description,
    createdOn: a.createdOn,
    updatedOn: a.createdOn,
    createdBy: a.createdBy,
    updatedBy: a.createdBy,
    delegatedManagedIdentityResourceId: null,
  },
  id: `${a.scope}/providers/Microsoft.Authorization/roleAssignments/${a.name}`,
  type: 'Microsoft.Authorization/roleAssignments',
  name: a.name,
})

export const roleBody = (scope: string) => (role: AzureRole) => ({
  properties: {
    roleName: role.roleName,
    type: role.type,
    description: role.description,
    assignableScopes: role.assignableScopes,
    permissions: role.permissions,
  },
  id: definitionId(scope, role.name),
  type: 'Microsoft.Authorization/roleDefinitions',
  name: role.name,
})

export const subscriptionBody = ({ subscriptionId, displayName }: Subscription, tenantId: string) => ({
  id: `/subscriptions/${subscriptionId}`,
  subscriptionId,
  tenantId,
  displayName,
  state: 'Enabled',
})

export const groupScope = (name: string) => `/providers/Microsoft.Management/managementGroups/${name}`

export const managementGroupBody = ({ name, displayName }: ManagementGroup, tenantId: string) => ({
  id: groupScope(name),
  type: 'Microsoft.Management/managementGroups',
  name,
  properties: { tenantId, displayName },
})

export const resourceGroupBody = ({ id, name }: ResourceGroup) => ({
  id,
  name,
  type: 'Microsoft.Resources/resourceGroups',
  location: 'swedencentral',
  properties: { provisioningState: 'Succeeded' },
})

export const resourceBody = ({ id, name, type }: Resource) => ({ id, name, type, location: 'swedencentral' })
