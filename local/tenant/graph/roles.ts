import type { Directory } from '../directory/directory.ts'
import type { RoleDefinition } from '../directory/model.ts'
import { listAnswer, oneAnswer } from './odata.ts'
import { badRequest, notFound, Problem } from './problem.ts'
import { type Ask, may, route } from './routes.ts'
import { assignmentItem, type Item, objectItem, roleItem, shapes } from './shapes.ts'

const definitions = { set: 'roleManagement/directory/roleDefinitions', shape: shapes.roleDefinition }
const assignments = (directory: Directory) => ({
  set: 'roleManagement/directory/roleAssignments',
  shape: shapes.roleAssignment,
  expand: (item: Item, what: string) => expand(directory, item, what),
})

function expand(directory: Directory, { row }: Item, what: string): Record<string, unknown> {
  if (what === 'principal') {
    const item = objectItem(directory, `${row.principalId}`)
    return { principal: item ? { '@odata.type': `#microsoft.graph.${item.shape.type}`, ...item.row } : null }
  }
  if (what === 'roleDefinition') {
    const role = directory.roles.get(`${row.roleDefinitionId}`)
    return { roleDefinition: role ? roleItem(role).row : null }
  }
  throw new Problem(
    400,
    'BadRequest',
    `Parsing OData Select and Expand failed: Could not find a property named '${what}' on type 'microsoft.graph.unifiedRoleAssignment'.`,
  )
}

function create({ call, directory, body }: Ask) {
  const { principalId, roleDefinitionId, directoryScopeId } = body
  if (
    typeof principalId !== 'string' ||
    typeof roleDefinitionId !== 'string' ||
    typeof directoryScopeId !== 'string'
  )
    throw badRequest('principalId, roleDefinitionId and directoryScopeId must be given.')
  const role = directory.roles.get(roleDefinitionId.toLowerCase())
  if (!role) throw notFound(roleDefinitionId)
  const principal = directory.principal(principalId.toLowerCase())
  if (!principal) throw notFound(principalId)
  if ('isAssignableToRole' in principal && !principal.isAssignableToRole)
    throw badRequest(
      "Cannot assign roles to groups. 'isAssignableToRole' property must be set to true to assign roles to groups.",
    )
  demandScope(directory, role, directoryScopeId)
  const made = directory.assign(principal.id, role.id, directoryScopeId)
  if (!made)
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    )
  return oneAnswer(call, assignmentItem(made), assignments(directory), 201)
}

function demandScope(directory: Directory, role: RoleDefinition, scope: string): void {
  if (scope === '/') return
  const [, unit, object] = /^\/(?:administrativeUnits\/([0-9a-f-]{36})|([0-9a-f-]{36}))$/i.exec(scope) ?? []
  const id = unit ?? object
  if (!id) throw badRequest(`The directoryScopeId '${scope}' is invalid.`)
  if (unit ? !directory.administrativeUnits.has(unit) : !directory.object(id)) throw notFound(id)
  if (!role.scopes.includes(unit ? 'administrativeUnit' : 'object'))
    throw badRequest('The given built-in role is not supported to be assigned to a single resource scope.')
}

function definition({ call, directory, at }: Ask) {
  const role = directory.roles.get((at.id ?? '').toLowerCase())
  if (!role) throw notFound(at.id ?? '')
  return oneAnswer(call, roleItem(role), definitions)
}

function assignment({ call, directory, at }: Ask) {
  const found = directory.roleAssignments.get(at.id ?? '')
  if (!found) throw notFound(at.id ?? '')
  return oneAnswer(call, assignmentItem(found), assignments(directory))
}

function remove({ directory, at }: Ask) {
  if (!directory.roleAssignments.delete(at.id ?? '')) throw notFound(at.id ?? '')
  return { status: 204 }
}

const base = '/roleManagement/directory'

export const roleRoutes = [
  route('GET', `${base}/roleDefinitions`, may.readRoles, ({ call, directory }) =>
    listAnswer(call, [...directory.roles.values()].map(roleItem), definitions),
  ),
  route('GET', `${base}/roleDefinitions/{id}`, may.readRoles, definition),
  route('GET', `${base}/roleAssignments`, may.readRoles, ({ call, directory }) =>
    listAnswer(call, directory.roleAssignments.seen().map(assignmentItem), assignments(directory)),
  ),
  route('POST', `${base}/roleAssignments`, may.writeRoles, create),
  route('GET', `${base}/roleAssignments/{id}`, may.readRoles, assignment),
  route('DELETE', `${base}/roleAssignments/{id}`, may.writeRoles, remove),
]
