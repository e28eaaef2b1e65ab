import { assigningDenials } from '../domain/assigning.ts'
import { withCondition } from '../domain/condition.ts'
import {
  type Eligibility,
  type EligibilityAction,
  type EligibilityUpdate,
  type EligibilityWindow,
  isNotOver,
  type NewEligibility,
  overlaps,
  principalRefusal,
} from '../domain/eligibility.ts'
import {
  endsLater,
  makesSense,
  mayBeRenewed,
  SHORTEST_ASSIGNMENT,
  shrinks,
  windowFor,
} from '../domain/eligibility-life.ts'
import { added, moved, removed } from '../domain/eligibility-steps.ts'
import { makeId } from '../domain/ids.ts'
import type { Actor } from '../domain/person.ts'
import { isAboutSchedule, type Request } from '../domain/request.ts'
import { canceled } from '../domain/request-steps.ts'
import { type Role, type RoleDescription, sameRole } from '../domain/role.ts'
import { listWhileAnswered, tellChange } from '../live/change.ts'
import { eligibilityDemandsNow } from '../live/circumstances.ts'
import { changeEligibility, tellEligibility } from '../live/eligibility-change.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import { governWith } from '../live/places.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import type { Answered, Caller, Ports, Stored } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { refuseForOneself } from './for-oneself.ts'
import { refuseWayBack } from './last-administrator.ts'
import { notFound, Refused, refuse } from './refused.ts'
import { actor, again } from './withdrawals.ts'

/** Whatever administrators do with an eligibility. Answers with it as it is then; of one that was removed, as it was. */
export function administer(ports: Ports, caller: Caller, body: EligibilityAction): Promise<Eligibility> {
  if (body.action === 'adminRemove')
    return removeEligibility(
      ports,
      caller,
      body.targetScheduleId,
      body.justification?.trim() || null,
      doesNotExist(),
    )
  return 'targetScheduleId' in body
    ? moveEligibility(ports, caller, body)
    : createEligibility(ports, caller, body)
}

/** adminAssign: makes a person or a group eligible. Throws 400 for unknown principals and roles, and for what the role's settings refuse. */
export async function createEligibility(
  ports: Ports,
  caller: Caller,
  body: NewEligibility,
): Promise<Eligibility> {
  return (await makeEligible(ports, caller, body)) as Eligibility
}

/** The same, with a question that is answered by it: undefined, and nothing written, when that has changed meanwhile. */
export async function makeEligible(
  ports: Ports,
  caller: Caller,
  body: NewEligibility,
  answering?: (given: Eligibility) => Answered,
): Promise<Eligibility | undefined> {
  const { provider, roleDefinitionId, scope, principalId } = body
  const role: Role = { provider, roleDefinitionId, scope }
  await refuseUnlessAdministrator(ports, caller, role)
  const [principal, definition, live] = await Promise.all([
    principalBehind(ports.directory, principalId),
    providerOf(ports, role).describe(role),
    ports.store.readLive(principalId),
  ])
  if (!principal) throw new Refused(400, 'SubjectNotFound', `There is no user and no group ${principalId}.`)
  const { type } = principal
  await refuseForOneself(ports, caller, principalId, type)
  if (type === 'ServicePrincipal')
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequest',
      'Applications and managed identities cannot activate anything: assign them the role actively.',
    )
  const unfit = principalRefusal(role, principal)
  if (unfit) throw new Refused(400, unfit.code, unfit.message)
  const described = refuseUnmanageable(definition, role)

  await refuseBreakGlass(
    ports,
    caller,
    { id: principalId, displayName: principal.displayName, type },
    { ...role, displayName: described.displayName },
    'eligibility asked for',
  )
  const now = ports.now()
  const window = windowFor(body.scheduleInfo, now)
  await refuseWindow(ports, caller, role, body, window, now)
  const judge = (others: readonly Eligibility[]) => refuseOverlap(others, role, window)
  judge(live.eligibilities)

  const { eligibility, events } = added(
    {
      ...role,
      id: makeId('elig', principalId, now, ports.random()),
      principalId,
      principalType: type,
      principalName: principal.displayName,
      roleName: described.displayName,
      scopeName: described.scopeName,
      ...window,
      createdDateTime: now.toISOString(),
      createdBy: actor(caller),
      justification: body.justification?.trim() || null,
      ...withCondition(body),
    },
    now,
    body.ticketInfo,
  )
  if (type === 'Group') await ports.views.noteGroups([principalId]) // before: one too many costs nothing
  await governWith(ports, eligibility)
  await listForSweep(ports, eligibility.id)
  const answers = answering?.(eligibility)
  if (answers) await listWhileAnswered(ports, answers)
  if (!(await ports.store.addEligibility(eligibility, events, judge, answers))) return undefined
  await tellEligibility(ports, eligibility, events)
  if (answers) await tellChange(ports, answers.read.value, answers.step)
  return eligibility
}

/** adminUpdate, adminExtend, adminRenew: moves its window, as far as the role's settings allow. What is active keeps its end. */
async function moveEligibility(ports: Ports, caller: Caller, body: EligibilityUpdate): Promise<Eligibility> {
  const { action, targetScheduleId: id, scheduleInfo, ticketInfo } = body
  return again(async () => {
    const read = await ports.store.findEligibility(id)
    if (!read) throw doesNotExist()
    const before = read.value
    await refuseUnlessAdministrator(ports, caller, before)
    await refuseForOneself(ports, caller, before.principalId, before.principalType)
    await refuseForBreakGlass(ports, caller, before, 'change of an eligibility asked for')
    refuseUnmanageable(await providerOf(ports, before).describe(before), before)
    const { requests } = await ports.store.readLive(before.principalId)
    refuseWhileAsked(requests, id)

    const now = ports.now()
    const window = windowFor(scheduleInfo, now, before)
    if (shrinks(window, before)) await refuseWayBack(ports, before)
    refuseWrongTime(action, before, window, now)
    await refuseWindow(ports, caller, before, body, window, now)
    const reason = body.justification?.trim() || null
    const step = moved(before, action, window, actor(caller), now, reason, ticketInfo)
    const judge = (others: readonly Eligibility[]) => refuseOverlap(others, before, window)
    return (await changeEligibility(ports, read, step, judge)) ? step.eligibility : undefined
  })
}

/**
 * adminRemove: takes an eligibility away, and cancels what is asked about it. Activations that run end at their end; those that
 * wait are judged again, and refused. Not in the first five minutes, as at Microsoft.
 */
export async function removeEligibility(
  ports: Ports,
  caller: Caller,
  id: string,
  reason: string | null = null,
  missing = notFound('There is no such eligibility.'),
): Promise<Eligibility> {
  return again(async () => {
    const read = await ports.store.findEligibility(id)
    if (!read) {
      await refuseUnlessAdministrator(ports, caller, DIRECTORY) // whether there is one is nobody else's business
      throw missing
    }
    const { value } = read
    await refuseUnlessAdministrator(ports, caller, value)
    await refuseForOneself(ports, caller, value.principalId, value.principalType)
    await refuseForBreakGlass(ports, caller, value, 'removal of an eligibility asked for')
    await refuseWayBack(ports, value)
    const now = ports.now()
    if (now.getTime() - Date.parse(value.createdDateTime) < SHORTEST_ASSIGNMENT)
      throw new Refused(
        400,
        'ActiveDurationTooShort',
        'The Active duration is too short. Miniumum Required is 5 minutes.',
      )
    const { requests } = await ports.store.readLive(value.principalId)
    const asked = askedAbout(requests, id)
    const request = asked && { read: asked, step: canceled(asked.value, actor(caller), now) }
    const step = removed(value, actor(caller), now, reason)
    const change = { ...step, isGone: true, ...(request && { request }) }
    if (!(await changeEligibility(ports, read, change))) return undefined
    if (request) await tellChange(ports, request.read.value, request.step)
    return value
  })
}

/** What somebody has asked about this eligibility, and nobody has answered. */
export const askedAbout = (requests: readonly Stored<Request>[], id: string) =>
  requests.find(({ value }) => isAboutSchedule(value) && value.eligibilityId === id)

export function refuseForBreakGlass(ports: Ports, by: Actor, eligibility: Eligibility, what: string) {
  const { principalId: id, principalType: type, principalName, roleName } = eligibility
  const principal = { id, type, displayName: principalName }
  return refuseBreakGlass(ports, by, principal, { ...eligibility, displayName: roleName }, what)
}

function refuseWhileAsked(requests: readonly Stored<Request>[], id: string): void {
  const asked = askedAbout(requests, id)
  if (asked)
    throw new Refused(
      400,
      'PendingRoleAssignmentRequest',
      `There is an already existing pending role assignment extension: decide request ${asked.value.id} first.`,
    )
}

/** Throws for a role that is not there, or that cannot be managed here. */
function refuseUnmanageable(definition: RoleDescription | undefined, role: Role): RoleDescription {
  if (!definition)
    throw new Refused(400, 'RoleNotFound', `There is no role ${role.roleDefinitionId} at ${role.scope}.`)
  if (definition.refusal) throw new Refused(400, definition.refusal.code, definition.refusal.message)
  return definition
}

function refuseWrongTime(
  action: EligibilityUpdate['action'],
  before: Eligibility,
  window: EligibilityWindow,
  now: Date,
): void {
  if (action === 'adminRenew') {
    if (!mayBeRenewed(before, now))
      throw wrongSchedule('targetScheduleId', 'An eligibility is renewed within 30 days after its end.')
    return
  }
  if (!isNotOver(before, now))
    throw wrongSchedule('targetScheduleId', 'This eligibility has ended: renew it.')
  if (action === 'adminExtend' && !endsLater(window, before))
    throw wrongSchedule('scheduleInfo.expiration', 'An extension ends later than what it extends.')
}

/** Throws for a window that makes no sense, and for what the role's settings ask of those who assign. */
async function refuseWindow(
  ports: Ports,
  caller: Pick<Caller, 'proof' | 'canAnswerClaims'>,
  role: Role,
  ask: Pick<NewEligibility, 'justification' | 'ticketInfo'>,
  window: EligibilityWindow,
  now: Date,
): Promise<void> {
  if (!makesSense(window, now))
    throw wrongSchedule(
      'scheduleInfo.expiration',
      'An eligibility lasts at least 5 minutes, and its end lies ahead.',
    )
  const demands = await eligibilityDemandsNow(ports, role)
  const { proof } = caller
  const c = { now, demands, proof, mfaContext: ports.mfaContext }
  refuse(assigningDenials({ ...ask, window }, c), caller.canAnswerClaims)
}

export function refuseOverlap(others: readonly Eligibility[], role: Role, window: EligibilityWindow): void {
  if (others.some((other) => sameRole(other, role) && overlaps(other, window)))
    throw new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.')
}

const wrongSchedule = (target: string, message: string) =>
  new Refused(400, 'InvalidRoleAssignmentRequestSchedule', message, {
    details: [{ code: 'ExpirationRule', target, message }],
  })

const doesNotExist = () =>
  new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.')

/** For whoever asks about nothing in particular. */
const DIRECTORY: Role = { provider: 'directory', roleDefinitionId: '', scope: '/' }
