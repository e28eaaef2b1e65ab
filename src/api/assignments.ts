import { assigningDenials } from '../domain/assigning.ts'
import {
  type AdminAssign,
  type AdminRemove,
  type AdminUpdate,
  assignmentWindow,
  RENEW_WITHIN,
  rescheduled,
  SHORTEST_ASSIGNMENT,
  windowFault,
} from '../domain/assignment.ts'
import { warnedFromTheStart } from '../domain/assignment-warnings.ts'
import { type EligibilitySchedule, type EligibilityWindow, principalRefusal } from '../domain/eligibility.ts'
import { makeId } from '../domain/ids.ts'
import { listedAfterChange, UNLISTED } from '../domain/open-work.ts'
import { isAssigned, isOpen, type Request } from '../domain/request.ts'
import { canceled, endingBegun, opened } from '../domain/request-steps.ts'
import { namesOf, type PrincipalType, type Role, type RoleDescription, titleOf } from '../domain/role.ts'
import { plus } from '../domain/schedule.ts'
import { assignmentDemandsNow } from '../live/assigning.ts'
import { changeRequest } from '../live/change.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Ports, Stored, Workflows } from '../ports.ts'
import { openRequest, ticketOf } from './activations.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { refuseForOneself } from './for-oneself.ts'
import { refuseLastAdministrator } from './last-administrator.ts'
import { Refused, refuse } from './refused.ts'
import { actor, again } from './withdrawals.ts'

type Asked = Pick<AdminAssign, 'justification' | 'ticketInfo' | 'scheduleInfo'>

/**
 * Assigns a role to anybody or anything, for a time or for good: a request like any other that needs no eligibility and no
 * approval, given at its start and taken away at its end by the same steps. Throws `Refused` with every rule that failed.
 */
export async function assign(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: AdminAssign,
): Promise<Request> {
  const { provider, roleDefinitionId, scope, principalId } = body
  return assignAnew(ports, workflows, caller, {
    ...body,
    role: { provider, roleDefinitionId, scope },
    principalId,
  })
}

type New = Asked & {
  action: 'adminAssign' | 'adminRenew'
  role: Role
  principalId: string
  isValidationOnly: boolean
}

async function assignAnew(ports: Ports, workflows: Workflows, caller: Caller, asked: New): Promise<Request> {
  const { role, principalId } = asked
  await refuseUnlessAdministrator(ports, caller, role)
  const { principal, definition } = await refuseUnassignable(ports, role, principalId)
  await refuseForOneself(ports, caller, principalId, principal.type)
  const named = { ...role, displayName: titleOf({ ...role, ...namesOf(definition) }) }
  await refuseBreakGlass(ports, caller, principal, named, 'assignment asked for')
  const now = ports.now()
  const window = assignmentWindow(asked.scheduleInfo, now)
  const demands = await judge(ports, caller, role, asked, window, now)
  const request = newAssignment(ports, caller, asked, {
    principal,
    definition,
    window,
    now,
    version: demands.version,
  })
  if (asked.isValidationOnly) {
    const { requests } = await ports.store.readLive(principalId)
    if (requests.some(({ value }) => value.guard === 'assigned' && sameGuard(value, request))) throw exists()
    return request
  }
  const done = await openRequest(ports, workflows, opened(request))
  if (!done) throw exists()
  return done
}

/** Throws for what can be assigned to nobody, and for whom it cannot be assigned to. */
async function refuseUnassignable(ports: Ports, role: Role, principalId: string) {
  const [principal, definition] = await Promise.all([
    principalBehind(ports.directory, principalId),
    providerOf(ports, role).describe(role),
  ])
  if (!principal)
    throw new Refused(400, 'SubjectNotFound', `There is no user, no group and no application ${principalId}.`)
  if (!definition?.isEnabled)
    throw new Refused(
      400,
      'RoleNotFound',
      `There is no role ${role.roleDefinitionId} at ${role.scope}, or it is disabled.`,
    )
  if (definition.refusal) throw new Refused(400, definition.refusal.code, definition.refusal.message)
  const unfit = principalRefusal(role, principal)
  if (unfit) throw new Refused(400, unfit.code, unfit.message)
  return { principal, definition }
}

/** Throws where this role is not to be given to this principal for good: by the same checks as what is assigned by a request. */
export async function refuseForGood(
  ports: Ports,
  caller: Caller,
  role: Role,
  principalId: string,
  justification: string,
): Promise<void> {
  await refuseUnassignable(ports, role, principalId)
  const now = ports.now()
  const scheduleInfo = { expiration: { type: 'noExpiration' as const } }
  await judge(ports, caller, role, { justification, scheduleInfo }, assignmentWindow(scheduleInfo, now), now)
}

const sameGuard = (a: Request, b: Request) =>
  a.provider === b.provider && a.roleDefinitionId === b.roleDefinitionId && a.scope === b.scope

const exists = () => new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.')

/** What the role asks of those who assign it, of the caller and of the window that is asked for. */
async function judge(
  ports: Ports,
  { proof, canAnswerClaims }: Caller,
  role: Role,
  { justification, ticketInfo }: Asked,
  window: EligibilityWindow,
  now: Date,
) {
  const fault = windowFault(window, now)
  if (fault)
    throw new Refused(400, 'InvalidRoleAssignmentRequestSchedule', fault, {
      details: [{ code: 'ExpirationRule', target: 'scheduleInfo.expiration', message: fault }],
    })
  const demands = await assignmentDemandsNow(ports, role)
  const { mfaContext } = ports
  refuse(
    assigningDenials({ justification, ticketInfo, window }, { now, demands, proof, mfaContext }),
    canAnswerClaims,
  )
  return demands
}

type Found = {
  principal: { id: string; displayName: string; type: PrincipalType }
  definition: RoleDescription
  window: EligibilityWindow
  now: Date
  version: number
}

function newAssignment(ports: Ports, caller: Caller, asked: New, found: Found): Request {
  const { principal, definition, window, now, version } = found
  const request: Request = {
    ...asked.role,
    id: makeId('req', principal.id, now, ports.random()),
    action: asked.action,
    guard: 'assigned',
    status: 'Granted',
    principal: { id: principal.id, displayName: principal.displayName },
    principalType: principal.type,
    createdBy: actor(caller),
    roleName: definition.displayName,
    scopeName: definition.scopeName,
    createdDateTime: now.toISOString(),
    justification: asked.justification?.trim() || null,
    ticketInfo: ticketOf(asked),
    asked: askedOf(asked.scheduleInfo),
    eligibilityId: null,
    settingsVersion: version,
    proof: caller.proof,
    startsAt: window.startDateTime,
    endsAt: window.endDateTime,
    warned: warnedFromTheStart({ startsAt: window.startDateTime, endsAt: window.endDateTime }, now),
    approval: null,
    grant: null,
    ending: null,
    failure: null,
    completedDateTime: null,
    turn: 1,
    changedIn: 0,
    listed: UNLISTED,
  }
  return { ...request, listed: listedAfterChange(request, now) }
}

const askedOf = ({ startDateTime, expiration }: EligibilitySchedule): Request['asked'] => ({
  startDateTime: startDateTime ?? null,
  expiration,
})

/** Moves the window of an assignment, or gives one that has expired again. */
export async function updateAssignment(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: AdminUpdate,
): Promise<Request> {
  if (body.action === 'adminRenew') return renew(ports, workflows, caller, body)
  return again(async () => {
    const { read, now } = await target(ports, caller, body.targetScheduleId)
    const request = read.value
    if (!isAssigned(request))
      throw new Refused(
        400,
        'InvalidRoleAssignmentRequest',
        'The end of an activation does not move: whoever has activated it extends it by selfExtend.',
      )
    if (request.status !== 'Granted' && request.status !== 'Provisioned') throw doesNotExist()
    const running = request.status === 'Provisioned' ? request.startsAt : null
    const window = assignmentWindow(withStart(body.scheduleInfo, request), now, running)
    await judge(ports, caller, request, body, window, now)
    if (body.action === 'adminExtend' && !endsLater(window, request.endsAt))
      throw new Refused(
        400,
        'InvalidRoleAssignmentRequestSchedule',
        'To extend is to end later than it does. To shorten it, send adminUpdate.',
      )
    const reason = body.justification?.trim() || null
    const asked = askedOf(body.scheduleInfo)
    const step = rescheduled(
      request,
      body.action as 'adminUpdate' | 'adminExtend',
      { asked, window, reason },
      actor(caller),
      now,
    )
    return body.isValidationOnly ? step.request : changeRequest(ports, workflows, read, step)
  })
}

/** A start that has yet to come stays, unless another is asked for. */
const withStart = (schedule: EligibilitySchedule, { startsAt }: Request): EligibilitySchedule => ({
  ...schedule,
  startDateTime: schedule.startDateTime ?? startsAt,
})

const endsLater = ({ endDateTime }: EligibilityWindow, endsAt: string | null) =>
  endsAt !== null && (endDateTime === null || Date.parse(endDateTime) > Date.parse(endsAt))

async function renew(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: AdminUpdate,
): Promise<Request> {
  const { read, now } = await target(ports, caller, body.targetScheduleId)
  const { value } = read
  if (!isAssigned(value)) throw doesNotExist()
  if (isOpen(value)) throw exists()
  if (value.status !== 'Expired' || now > plus(new Date(value.endsAt as string), RENEW_WITHIN))
    throw new Refused(
      400,
      'RoleAssignmentDoesNotExist',
      `This assignment is ${value.status}: only what has expired within 30 days is renewed. Assign it anew.`,
    )
  const { provider, roleDefinitionId, scope } = value
  return assignAnew(ports, workflows, caller, {
    ...body,
    action: 'adminRenew',
    role: { provider, roleDefinitionId, scope },
    principalId: value.principal.id,
  })
}

/**
 * Takes an assignment away, or somebody's activation; not in its first five minutes. Before its start it is withdrawn. Whatever
 * else covers the role goes on.
 */
export async function removeAssignment(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  { targetScheduleId, justification }: AdminRemove,
): Promise<Request> {
  return again(async () => {
    const { read, now } = await target(ports, caller, targetScheduleId)
    const { status, grant } = read.value
    if (status === 'Granted' || status === 'PendingApproval')
      return changeRequest(ports, workflows, read, canceled(read.value, actor(caller), now))
    if (status !== 'Provisioned') throw doesNotExist()
    if (now < plus(new Date(grant?.grantedAt as string), SHORTEST_ASSIGNMENT))
      throw new Refused(
        400,
        'ActiveDurationTooShort',
        'The Active duration is too short. Miniumum Required is 5 minutes.',
      )
    if (grant?.preExisting === null) await refuseLastAdministrator(ports, read.value.principal.id, read.value)
    const step = endingBegun(read.value, 'deactivated', actor(caller), now, justification?.trim() || null)
    return changeRequest(ports, workflows, read, step)
  })
}

const doesNotExist = () =>
  new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.')

async function target(
  ports: Ports,
  caller: Caller,
  id: string,
): Promise<{ read: Stored<Request>; now: Date }> {
  const read = await ports.store.findRequest(id)
  if (!read) throw doesNotExist()
  await refuseUnlessAdministrator(ports, caller, read.value)
  const { principal, principalType: type } = read.value
  await refuseForOneself(ports, caller, principal.id, type)
  const named = { ...read.value, displayName: titleOf(read.value) }
  await refuseBreakGlass(ports, caller, { ...principal, type }, named, 'change of an assignment asked for')
  return { read, now: ports.now() }
}
