import { type Answer, json } from '../http.ts'
import type { Ask } from './ask.ts'
import { allows, assignmentKey, kindOf } from './azure.ts'
import type { AzureAssignment, AzureRole } from './model.ts'
import { listAnswer } from './paging.ts'
import { ArmProblem, badRequest, scopeNotFound } from './problem.ts'
import { assignmentBody } from './shapes.ts'

const WRITE = 'Microsoft.Authorization/roleAssignments/write'
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** In a subscription, its resource groups and resources together. */
const MOST = 4000

/** A principal made less than this long ago is not known to ARM yet, unless it is told of what kind it is. */
const REPLICATED_MILLIS = 60_000

export function create(ask: Ask): Answer {
  const { azure, scope, name, callerId } = ask
  ask.demand(WRITE, scope)
  if (!azure.nameOf(scope)) throw scopeNotFound(scope)
  if (!GUID.test(name))
    throw badRequest(
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. It must be a GUID.`,
    )
  const asked = properties(ask)
  const role = roleOf(ask, asked.roleDefinitionId)
  const principalType = principal(ask, asked)
  const there = azure.assignments.get(assignmentKey(scope, name))
  const same = azure.same(asked.principalId, role.name, scope)
  if (there && there !== same)
    throw badRequest(
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    )
  if (same && same !== there)
    throw new ArmProblem(
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${same.name.replaceAll('-', '')}.`,
    )
  const lock = azure.lockAt(scope, 'ReadOnly')
  if (lock) throw locked(ask, 'write', lock.scope)
  const { description, condition, conditionVersion } = asked
  if (there) {
    Object.assign(there, { description, condition, conditionVersion })
    return { status: 200, body: assignmentBody(there) }
  }
  refuseTooMany(ask)
  const made = azure.assign({
    name: name.toLowerCase(),
    scope: canonical(scope),
    role: role.name,
    principalId: asked.principalId,
    principalType,
    description,
    condition,
    conditionVersion,
    createdBy: callerId,
  })
  return { status: 201, body: assignmentBody(made) }
}

type Asked = Pick<AzureAssignment, 'principalId' | 'description' | 'condition' | 'conditionVersion'> & {
  roleDefinitionId: string
  principalType: string | undefined
}

function properties({ call }: Ask): Asked {
  const body = json(call) as { properties?: Record<string, unknown> } | undefined
  const given = body?.properties
  const text = (field: string) => (typeof given?.[field] === 'string' ? (given[field] as string) : null)
  const [principalId, roleDefinitionId] = [text('principalId'), text('roleDefinitionId')]
  if (!principalId || !roleDefinitionId)
    throw badRequest(
      'InvalidRequestContent',
      'The request content was invalid: properties must name a principalId and a roleDefinitionId.',
    )
  if (text('condition') && text('conditionVersion') !== '2.0')
    throw badRequest('InvalidConditionVersion', "The condition version must be '2.0'.")
  if ((text('description')?.length ?? 0) > 1024)
    throw badRequest('RoleAssignmentDescriptionTooLong', 'The description may have 1024 characters at most.')
  return {
    principalId: principalId.toLowerCase(),
    roleDefinitionId,
    principalType: text('principalType') ?? undefined,
    description: text('description'),
    condition: text('condition'),
    conditionVersion: text('conditionVersion'),
  }
}

function roleOf({ azure, scope }: Ask, id: string): AzureRole {
  const [, name = ''] = /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/i.exec(id) ?? []
  const role = azure.roles.get(name.toLowerCase())
  const where = ['/', ...azure.upwards(scope)]
  if (!role?.assignableScopes.some((each) => where.includes(each.toLowerCase())))
    throw badRequest(
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${name.replaceAll('-', '')}' does not exist.`,
    )
  return role
}

function principal(
  { directory }: Ask,
  { principalId, principalType }: Asked,
): AzureAssignment['principalType'] {
  const found = directory.principal(principalId)
  const made = found && 'createdDateTime' in found ? Date.parse(found.createdDateTime) : 0
  const isFresh = Date.now() - made < REPLICATED_MILLIS
  if (!found || (isFresh && !principalType))
    throw badRequest(
      'PrincipalNotFound',
      `Principal ${principalId.replaceAll('-', '')} does not exist in the directory. If you are creating this principal and then immediately assigning a role, set the role assignment principalType property.`,
    )
  const kind = kindOf(found)
  if (principalType && principalType !== kind)
    throw badRequest(
      'UnmatchedPrincipalType',
      `The PrincipalId '${principalId.replaceAll('-', '')}' has type '${kind}', which is different from specified PrinciaplType '${principalType}'.`,
    )
  return kind
}

function refuseTooMany({ azure, scope }: Ask): void {
  const [subscription] = /^\/subscriptions\/[^/]+/i.exec(scope) ?? []
  if (!subscription) return
  const inside = azure.assignments
    .values()
    .filter((a) => `${a.scope.toLowerCase()}/`.startsWith(`${subscription.toLowerCase()}/`))
  if (inside.length >= MOST)
    throw badRequest(
      'RoleAssignmentLimitExceeded',
      'The role assignment limit for the subscription has been exceeded. No more role assignments can be created.',
    )
}

const locked = ({ scope, name }: Ask, operation: string, where: string) =>
  new ArmProblem(
    409,
    'ScopeLocked',
    `The scope '${scope}/providers/Microsoft.Authorization/roleAssignments/${name}' cannot perform ${operation} operation because following scope(s) are locked: '${where}'. Please remove the lock and try again.`,
  )

/** Kept in one spelling, as ARM shows it, whatever the caller's. */
function canonical(scope: string): string {
  return scope
    .replace(/^\/subscriptions\//i, '/subscriptions/')
    .replace(/\/resourcegroups\//i, '/resourceGroups/')
    .replace(
      /\/providers\/microsoft\.management\/managementgroups\//i,
      '/providers/Microsoft.Management/managementGroups/',
    )
}

export function one(ask: Ask): Answer {
  ask.demand('Microsoft.Authorization/roleAssignments/read', ask.scope)
  const found = ask.azure.assignments.get(assignmentKey(ask.scope, ask.name))
  if (!found)
    throw new ArmProblem(404, 'RoleAssignmentNotFound', `The role assignment '${ask.name}' is not found.`)
  return { status: 200, body: assignmentBody(found) }
}

export function remove(ask: Ask): Answer {
  const { azure, scope, name } = ask
  ask.demand('Microsoft.Authorization/roleAssignments/delete', scope)
  if (!azure.nameOf(scope)) throw scopeNotFound(scope)
  const found = azure.assignments.get(assignmentKey(scope, name))
  if (!found) return { status: 204 }
  const lock = azure.lockAt(scope)
  if (lock) throw locked(ask, 'delete', lock.scope)
  if (isLastAdmin(ask, found))
    throw new ArmProblem(
      412,
      'CannotDeleteLastRbacAdminAssignment',
      'Cannot delete the last RBAC admin assignment',
    )
  azure.assignments.delete(assignmentKey(scope, name))
  return { status: 200, body: assignmentBody(found) }
}

/** Of those given at the subscription itself; what is inherited does not count. */
function isLastAdmin({ azure, scope }: Ask, { role }: AzureAssignment): boolean {
  const administers = (name: string) =>
    (azure.roles.get(name)?.permissions ?? []).some((permission) => allows(permission, WRITE))
  if (!/^\/subscriptions\/[^/]+$/i.test(scope) || !administers(role)) return false
  const others = azure.assignments
    .values()
    .filter((a) => a.scope.toLowerCase() === scope.toLowerCase() && administers(a.role))
  return others.length <= 1
}

/** At this scope, above it and below it, as `$filter` says. Lists may lag. */
export function list(ask: Ask): Answer {
  const { azure, scope, call } = ask
  ask.demand('Microsoft.Authorization/roleAssignments/read', scope)
  if (!azure.nameOf(scope)) throw scopeNotFound(scope)
  const above = azure.upwards(scope)
  const below = (a: AzureAssignment) => azure.upwards(a.scope).includes(scope.toLowerCase())
  const isNear = (a: AzureAssignment) => above.includes(a.scope.toLowerCase()) || below(a)
  const tests = (call.query.get('$filter') ?? '')
    .split(/ and /i)
    .filter(Boolean)
    .map((part) => clause(ask, part.trim()))
  const kept = azure.assignments.seen().filter((a) => isNear(a) && tests.every((test) => test(a)))
  return listAnswer(call, kept, assignmentBody)
}

function clause({ azure, directory, scope }: Ask, part: string): (a: AzureAssignment) => boolean {
  if (/^atScope\(\)$/i.test(part)) {
    const above = azure.upwards(scope)
    return (a) => above.includes(a.scope.toLowerCase())
  }
  const [, direct] = /^principalId eq '([^']+)'$/i.exec(part) ?? []
  if (direct) return (a) => a.principalId === direct.toLowerCase()
  const [, through] = /^assignedTo\('([^']+)'\)$/i.exec(part) ?? []
  if (!through) throw badRequest('UnsupportedQuery', `The filter '${part}' is not supported.`)
  const who = azure.principals(directory, through.toLowerCase())
  return (a) => who.has(a.principalId)
}
