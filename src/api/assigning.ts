import { assigningDenials } from '../domain/assigning.ts'
import { type AdminAssign, assignmentWindow, windowFault } from '../domain/assignment.ts'
import { warnedFromTheStart } from '../domain/assignment-warnings.ts'
import { withCondition } from '../domain/condition.ts'
import { type EligibilitySchedule, type EligibilityWindow, principalRefusal } from '../domain/eligibility.ts'
import { makeId } from '../domain/ids.ts'
import { newRequest, ticketOf } from '../domain/new-request.ts'
import type { Request } from '../domain/request.ts'
import { opened } from '../domain/request-steps.ts'
import { namesOf, type PrincipalType, type Role, type RoleDescription, titleOf } from '../domain/role.ts'
import { assignmentDemandsNow } from '../live/assigning.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import type { Answered, Caller, Ports, Workflows } from '../ports.ts'
import { openRequest, refuseOtherCondition } from './activations.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { refuseForOneself } from './for-oneself.ts'
import { Refused, refuse } from './refused.ts'
import { actor } from './withdrawals.ts'

type Asked = Pick<AdminAssign, 'justification' | 'ticketInfo' | 'scheduleInfo' | 'condition'>

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
  const asked = { ...body, role: { provider, roleDefinitionId, scope }, principalId }
  return (await assignAnew(ports, workflows, caller, asked)) as Request
}

export type New = Asked & {
  action: 'adminAssign' | 'adminRenew'
  role: Role
  principalId: string
  isValidationOnly: boolean
}

/** With a question that is answered by it: undefined, and nothing written, when that has changed meanwhile. */
export async function assignAnew(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  asked: New,
  answering?: (given: Request) => Answered,
): Promise<Request | undefined> {
  const { role, principalId } = asked
  await refuseUnlessAdministrator(ports, caller, role)
  const { principal, definition } = await refuseUnassignable(ports, role, principalId)
  await refuseForOneself(ports, caller, principalId, principal.type)
  const named = { ...role, displayName: titleOf({ ...role, ...namesOf(definition) }) }
  await refuseBreakGlass(ports, caller, principal, named, 'assignment asked for')
  const now = ports.now()
  const window = assignmentWindow(asked.scheduleInfo, now)
  const demands = await judgeAssigning(ports, caller, role, asked, window, now)
  const request = newAssignment(ports, caller, asked, {
    principal,
    definition,
    window,
    now,
    version: demands.version,
  })
  if (asked.isValidationOnly || role.provider === 'azure') {
    const { requests } = await ports.store.readLive(principalId)
    refuseOtherCondition(asked, role, requests)
    if (requests.some(({ value }) => value.guard === 'assigned' && sameGuard(value, request))) throw exists()
    if (asked.isValidationOnly) return request
  }
  const answers = answering?.(request)
  const done = await openRequest(ports, workflows, opened(request), answers)
  if (!done && !(answers && (await hasChanged(ports, answers)))) throw exists()
  return done
}

const hasChanged = async ({ store }: Ports, { read }: Answered) =>
  (await store.findRequest(read.value.id))?.etag !== read.etag

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
  await judgeAssigning(
    ports,
    caller,
    role,
    { justification, scheduleInfo },
    assignmentWindow(scheduleInfo, now),
    now,
  )
}

const sameGuard = (a: Request, b: Request) =>
  a.provider === b.provider && a.roleDefinitionId === b.roleDefinitionId && a.scope === b.scope

export const exists = () => new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.')

/** What the role asks of those who assign it, of the caller and of the window that is asked for. */
export async function judgeAssigning(
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
  return newRequest(
    {
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
      justification: asked.justification?.trim() || null,
      ticketInfo: ticketOf(asked.ticketInfo),
      asked: askedOf(asked.scheduleInfo),
      eligibilityId: null,
      ...withCondition(asked),
      settingsVersion: version,
      proof: caller.proof,
      startsAt: window.startDateTime,
      endsAt: window.endDateTime,
      warned: warnedFromTheStart({ startsAt: window.startDateTime, endsAt: window.endDateTime }, now),
      approval: null,
    },
    now,
  )
}

export const askedOf = ({ startDateTime, expiration }: EligibilitySchedule): Request['asked'] => ({
  startDateTime: startDateTime ?? null,
  expiration,
})
