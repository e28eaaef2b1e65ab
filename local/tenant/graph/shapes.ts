import { createHash } from 'node:crypto'
import type { Directory } from '../directory/directory.ts'
import type {
  AdministrativeUnit,
  Group,
  Person,
  RoleAssignment,
  RoleDefinition,
  ServicePrincipal,
} from '../directory/model.ts'

/** How one kind of object looks to clients: what it has, and what of it is shown when nothing is selected. */
export type Shape = { type: string; shown: readonly string[]; hidden: readonly string[] }
export type Item = { shape: Shape; row: Record<string, unknown> }

const user: Shape = {
  type: 'user',
  shown: [
    'businessPhones',
    'displayName',
    'givenName',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
    'id',
  ],
  // Graph keeps these back until they are selected: forgetting that reads every account as neither on nor off.
  hidden: ['accountEnabled', 'userType', 'department', 'createdDateTime', 'onPremisesSyncEnabled'],
}
const group: Shape = {
  type: 'group',
  shown: [
    'id',
    'deletedDateTime',
    'createdDateTime',
    'description',
    'displayName',
    'groupTypes',
    'isAssignableToRole',
    'isManagementRestricted',
    'mail',
    'mailEnabled',
    'mailNickname',
    'membershipRule',
    'onPremisesSyncEnabled',
    'securityEnabled',
    'visibility',
  ],
  hidden: [],
}
const servicePrincipal: Shape = {
  type: 'servicePrincipal',
  shown: ['id', 'appId', 'displayName', 'servicePrincipalType', 'accountEnabled', 'appDisplayName'],
  hidden: [],
}
const administrativeUnit: Shape = {
  type: 'administrativeUnit',
  shown: ['id', 'displayName', 'description', 'visibility'],
  hidden: [],
}
const directoryRole: Shape = {
  type: 'directoryRole',
  shown: ['id', 'displayName', 'description', 'roleTemplateId'],
  hidden: [],
}
const authenticationContext: Shape = {
  type: 'authenticationContextClassReference',
  shown: ['id', 'displayName', 'description', 'isAvailable'],
  hidden: [],
}
const roleDefinition: Shape = {
  type: 'unifiedRoleDefinition',
  shown: [
    'id',
    'templateId',
    'displayName',
    'description',
    'isBuiltIn',
    'isEnabled',
    'isPrivileged',
    'resourceScopes',
    'version',
  ],
  hidden: [],
}
const roleAssignment: Shape = {
  type: 'unifiedRoleAssignment',
  shown: ['id', 'principalId', 'roleDefinitionId', 'directoryScopeId'],
  hidden: ['appScopeId'],
}

export const shapes = {
  user,
  group,
  servicePrincipal,
  administrativeUnit,
  directoryRole,
  authenticationContext,
  roleDefinition,
  roleAssignment,
}

export const userItem = (p: Person): Item => {
  const { short: _, managerId: __, ...row } = p
  const nothing = {
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    onPremisesSyncEnabled: null,
  }
  return { shape: user, row: { businessPhones: [], ...nothing, ...row } }
}
export const groupItem = ({ short: _, ...row }: Group): Item => ({
  shape: group,
  row: { deletedDateTime: null, mail: null, ...row },
})
export const servicePrincipalItem = ({ short: _, permissions: __, ...row }: ServicePrincipal): Item => ({
  shape: servicePrincipal,
  row: { ...row, appDisplayName: row.displayName },
})
export const administrativeUnitItem = ({ short: _, ...row }: AdministrativeUnit): Item => ({
  shape: administrativeUnit,
  row: { ...row, visibility: null },
})
export const roleItem = ({ scopes: _, ...row }: RoleDefinition): Item => ({
  shape: roleDefinition,
  row: { ...row, resourceScopes: ['/'], version: '1' },
})
export const assignmentItem = (row: RoleAssignment): Item => ({
  shape: roleAssignment,
  row: { ...row, appScopeId: null },
})

/** The role as an object of this tenant: its id is not the template's. */
export const directoryRoleItem = (role: RoleDefinition): Item => {
  const h = createHash('sha256').update(role.id).digest('hex')
  const id = `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`
  const { displayName, description, templateId } = role
  return { shape: directoryRole, row: { id, displayName, description, roleTemplateId: templateId } }
}

export function objectItem(directory: Directory, id: string): Item | undefined {
  const person = directory.people.get(id)
  if (person) return userItem(person)
  const ofGroup = directory.groups.get(id)
  if (ofGroup) return groupItem(ofGroup)
  const service = directory.servicePrincipals.get(id)
  if (service) return servicePrincipalItem(service)
  const unit = directory.administrativeUnits.get(id)
  return unit && administrativeUnitItem(unit)
}
