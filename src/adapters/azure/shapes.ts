import type { PrincipalType, Role, RoleDefinition } from '../../domain/role.ts'
import type { Held, Principal } from '../../ports.ts'
import { addressable } from './hierarchy.ts'
import { isPrivileged, type Permission } from './permissions.ts'

/** What the authorization provider of ARM says and wants to hear. */
export const ACCESS = '/providers/Microsoft.Authorization'
export const VERSION = 'api-version=2022-04-01'

export type ArmRole = {
  name: string
  properties: { roleName: string; type: string; permissions: Permission[]; assignableScopes: string[] }
}
export type ArmAssignment = {
  id: string
  properties: {
    roleDefinitionId: string
    principalId: string
    principalType?: string | null
    scope: string
    condition?: string | null
  }
}
export type Known = RoleDefinition & { permissions: Permission[]; assignableScopes: string[] }

export const listOf = (scope: string, filter: string) =>
  `${addressable(scope)}${ACCESS}/roleAssignments?${VERSION}&$filter=${encodeURIComponent(filter)}`

export const lastOf = (id: string) => id.split('/').at(-1)?.toLowerCase() ?? ''
export const roleOf = ({ properties }: ArmAssignment) => lastOf(properties.roleDefinitionId)

/** Lists show what is given above and below too. */
export const isAt =
  (scope: string) =>
  ({ properties }: ArmAssignment) =>
    properties.scope.toLowerCase() === scope

export const asRole = ({ name, properties }: ArmRole): Known => {
  const isBuiltIn = properties.type === 'BuiltInRole'
  return {
    id: name.toLowerCase(),
    displayName: properties.roleName,
    isBuiltIn,
    isEnabled: true,
    isPrivileged: isPrivileged(isBuiltIn, properties.permissions),
    permissions: properties.permissions,
    assignableScopes: properties.assignableScopes.map((each) => each.toLowerCase()),
  }
}

export const onlyDefinition = ({ permissions: _, assignableScopes: __, ...role }: Known): RoleDefinition =>
  role

const KINDS: readonly string[] = ['User', 'Group', 'ServicePrincipal']

export const asHeld = (assignment: ArmAssignment): Held => {
  const { id, properties } = assignment
  const { principalId, principalType, scope, condition } = properties
  return {
    id: id.toLowerCase(),
    principalId: principalId.toLowerCase(),
    principalType: KINDS.includes(principalType ?? '') ? (principalType as PrincipalType) : null,
    role: { provider: 'azure', roleDefinitionId: roleOf(assignment), scope: scope.toLowerCase() },
    condition: condition ?? null,
  }
}

/** Custom roles are known within a subscription; a management group has none around it. */
export function body(
  principal: Principal,
  { roleDefinitionId, scope }: Role,
  name: string,
  condition: string | null,
) {
  const [subscription] = /^\/subscriptions\/[^/]+/.exec(scope) ?? ['']
  return {
    properties: {
      roleDefinitionId: `${subscription}${ACCESS}/roleDefinitions/${roleDefinitionId}`,
      principalId: principal.id,
      principalType: principal.type, // without it, ARM does not find whoever was made a moment ago
      description: `Given by Interim for a time: ${name}`,
      ...(condition && { condition, conditionVersion: '2.0' }),
    },
  }
}
