import { groups, people, servicePrincipals, TENANT_ID } from '../seed.ts'
import type {
  AzureRole,
  ManagementGroup,
  Permission,
  Resource,
  ResourceGroup,
  Subscription,
} from './model.ts'

/** Everything here is constant, as in ../seed.ts. */
export const ARM = 'https://management.azure.com'

const subscription = (n: number) => `66666666-0000-4000-8000-${`${n}`.padStart(12, '0')}`

export const managementGroups = {
  root: { name: TENANT_ID, displayName: 'Tenant Root Group', parent: null },
  contoso: { name: 'contoso', displayName: 'Contoso', parent: TENANT_ID },
  platform: { name: 'platform', displayName: 'Platform', parent: 'contoso' },
} satisfies Record<string, ManagementGroup>

export const subscriptions = {
  production: { subscriptionId: subscription(1), displayName: 'Production', parent: 'platform' },
  sandbox: { subscriptionId: subscription(2), displayName: 'Sandbox', parent: 'contoso' },
} satisfies Record<string, Subscription>

const scopeOfGroup = ({ name }: ManagementGroup) => `/providers/Microsoft.Management/managementGroups/${name}`
const scopeOf = ({ subscriptionId }: Subscription) => `/subscriptions/${subscriptionId}`

const resourceGroup = (of: Subscription, name: string): ResourceGroup => ({
  id: `${scopeOf(of)}/resourceGroups/${name}`,
  name,
})
const resource = (inside: ResourceGroup, type: string, name: string): Resource => ({
  id: `${inside.id}/providers/${type}/${name}`,
  name,
  type,
})

export const resourceGroups = {
  shop: resourceGroup(subscriptions.production, 'shop'),
  data: resourceGroup(subscriptions.production, 'data'),
  play: resourceGroup(subscriptions.sandbox, 'play'),
} satisfies Record<string, ResourceGroup>

export const resources = {
  site: resource(resourceGroups.shop, 'Microsoft.Web/sites', 'contoso-shop'),
  storage: resource(resourceGroups.data, 'Microsoft.Storage/storageAccounts', 'contosodata'),
  vault: resource(resourceGroups.data, 'Microsoft.KeyVault/vaults', 'contoso-keys'),
} satisfies Record<string, Resource>

/** The names of scopes that scripts use. */
export const scopes = {
  root: scopeOfGroup(managementGroups.root),
  contoso: scopeOfGroup(managementGroups.contoso),
  platform: scopeOfGroup(managementGroups.platform),
  production: scopeOf(subscriptions.production),
  sandbox: scopeOf(subscriptions.sandbox),
  shop: resourceGroups.shop.id,
  data: resourceGroups.data.id,
  play: resourceGroups.play.id,
  site: resources.site.id,
  storage: resources.storage.id,
  vault: resources.vault.id,
}

const may = (more: Partial<Permission>): Permission[] => [
  { actions: [], notActions: [], dataActions: [], notDataActions: [], ...more },
]
const builtIn = (
  name: string,
  roleName: string,
  description: string,
  permission: Partial<Permission>,
): AzureRole => ({
  name,
  roleName,
  description,
  type: 'BuiltInRole',
  permissions: may(permission),
  assignableScopes: ['/'],
})

/** Azure's own ids: the same in every tenant of the world. */
export const azureRoles = {
  owner: builtIn(
    '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    'Owner',
    'Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.',
    { actions: ['*'] },
  ),
  contributor: builtIn(
    'b24988ac-6180-42a0-ab88-20f7382dd24c',
    'Contributor',
    'Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.',
    {
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
      ],
    },
  ),
  reader: builtIn(
    'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    'Reader',
    'View all resources, but does not allow you to make any changes.',
    { actions: ['*/read'] },
  ),
  userAccessAdministrator: builtIn(
    '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    'User Access Administrator',
    'Lets you manage user access to Azure resources.',
    { actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'] },
  ),
  rbacAdministrator: builtIn(
    'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
    'Role Based Access Control Administrator',
    'Manage access to Azure resources by assigning roles using Azure RBAC.',
    {
      actions: [
        'Microsoft.Authorization/roleAssignments/write',
        'Microsoft.Authorization/roleAssignments/delete',
        '*/read',
        'Microsoft.Support/*',
      ],
    },
  ),
  storageBlobDataReader: builtIn(
    '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
    'Storage Blob Data Reader',
    'Allows for read access to Azure Storage blob containers and data.',
    {
      actions: [
        'Microsoft.Storage/storageAccounts/blobServices/containers/read',
        'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
      ],
      dataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'],
    },
  ),
  /** Contoso's own, for production only. */
  shopRestarter: {
    name: '77777777-0000-4000-8000-000000000001',
    roleName: 'Shop Restarter',
    description: 'Restarts the shop.',
    type: 'CustomRole',
    permissions: may({ actions: ['Microsoft.Web/sites/read', 'Microsoft.Web/sites/restart/action'] }),
    assignableScopes: [scopes.production],
  },
  /** Contoso's own: it gives roles, and does not look like it. */
  accessDesk: {
    name: '77777777-0000-4000-8000-000000000002',
    roleName: 'Access Desk',
    description: 'Lets people in.',
    type: 'CustomRole',
    permissions: may({ actions: ['*/read', 'Microsoft.Authorization/roleAssignments/*'] }),
    assignableScopes: [scopes.contoso],
  },
} satisfies Record<string, AzureRole>

/** Who holds what for good. Interim itself may give access in all of Contoso, and not in the root group above it. */
export const azureStanding = [
  { principal: servicePrincipals.interim, role: azureRoles.userAccessAdministrator, scope: scopes.contoso },
  { principal: people.alan, role: azureRoles.owner, scope: scopes.production },
  { principal: groups.sre, role: azureRoles.rbacAdministrator, scope: scopes.sandbox },
  { principal: groups.roleApprovers, role: azureRoles.reader, scope: scopes.contoso },
  { principal: servicePrincipals.deployer, role: azureRoles.contributor, scope: scopes.production },
]
