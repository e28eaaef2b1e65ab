import { administratorsDecide, type Decision, type Review } from '../domain/approval.ts'
import { extensionDecided } from '../domain/approval-steps.ts'
import { assigningDenials } from '../domain/assigning.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import { windowFor } from '../domain/eligibility-life.ts'
import { moved } from '../domain/eligibility-steps.ts'
import { extensionDenials, pendingUntil, type SelfExtend } from '../domain/extension.ts'
import { makeId } from '../domain/ids.ts'
import { listedAfterChange, UNLISTED } from '../domain/open-work.ts'
import type { Actor, Proof } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import { opened } from '../domain/request-steps.ts'
import { changeRequest, tellChange } from '../live/change.ts'
import { eligibilityDemandsNow } from '../live/circumstances.ts'
import { changeEligibility } from '../live/eligibility-change.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Ports, Stored, Workflows } from '../ports.ts'
import { mayAdminister } from './authority.ts'
import { askedAbout, refuseOverlap } from './eligibilities.ts'
import { refuseForOneself } from './for-oneself.ts'
import { forbidden, Refused, refuse } from './refused.ts'

type Action = SelfExtend['action']

/**
 * selfExtend, selfRenew: asks the administrators of the role for more time of an eligibility of one's own. What a group is
 * eligible for, its members cannot ask for: only what is their own.
 */
export async function requestExtension(ports: Ports, caller: Caller, body: SelfExtend): Promise<Request> {
  const { action, targetScheduleId, scheduleInfo } = body
  const [read, live, requester] = await Promise.all([
    ports.store.findEligibility(targetScheduleId),
    ports.store.readLive(caller.id),
    ports.directory.person(caller.id),
  ])
  // Somebody else's is answered like none at all: who is eligible for what is not for everybody to find out.
  if (!read || read.value.principalId !== caller.id)
    throw new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.')
  const eligibility = read.value
  const now = ports.now()
  const justification = body.justification?.trim() || null
  const definition = await providerOf(ports, eligibility).describe(eligibility)
  const demands = await eligibilityDemandsNow(ports, eligibility)
  const window = windowFor(scheduleInfo, now, eligibility)
  refuse(
    extensionDenials(action, eligibility, { justification, window }, { now, requester, definition, demands }),
  )
  if (askedAbout(live.requests, eligibility.id)) throw alreadyAsked()
  refuseOverlap(othersThan(eligibility, live.eligibilities), eligibility, window)

  const request = newRequest(ports, caller, body, eligibility, demands.version, justification, now)
  if (body.isValidationOnly) return request
  const step = opened(request)
  await ports.views.list(request.id, request.listed, UNLISTED)
  if (!(await ports.store.openRequest(step))) {
    await ports.views.list(request.id, UNLISTED, request.listed)
    throw alreadyAsked()
  }
  await tellChange(ports, undefined, step)
  return request
}

function newRequest(
  { random }: Ports,
  caller: Caller,
  { action, scheduleInfo: { startDateTime, expiration } }: SelfExtend,
  eligibility: Eligibility,
  settingsVersion: number,
  justification: string | null,
  now: Date,
): Request {
  const until = pendingUntil(action, eligibility, now)
  const { provider, roleDefinitionId, scope, roleName, scopeName } = eligibility
  const request: Request = {
    provider,
    roleDefinitionId,
    scope,
    roleName,
    scopeName,
    id: makeId('req', caller.id, now, random()),
    action,
    about: 'eligibility',
    status: 'PendingAdminDecision',
    principal: { id: caller.id, displayName: eligibility.principalName },
    principalType: 'User',
    createdDateTime: now.toISOString(),
    justification,
    ticketInfo: null,
    asked: { startDateTime: startDateTime ?? null, expiration },
    eligibilityId: eligibility.id,
    settingsVersion,
    proof: caller.proof,
    startsAt: null,
    endsAt: null,
    approval: administratorsDecide(now, until), // whoever administers the role when they decide
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

/** Throws 403 unless this person administers the role now, and the request is not their own. */
export async function refuseWhoMayNotExtend(
  ports: Ports,
  request: Request,
  approverId: string,
): Promise<void> {
  if (approverId === request.principal.id) throw forbidden('Nobody decides a request of their own.')
  await refuseForOneself(ports, { id: approverId }, request.principal.id, 'User')
  if (!(await mayAdminister(ports, { id: approverId, kind: 'user' }, request)))
    throw forbidden('This is decided by those who administer the role, and you are not one of them.')
}

/**
 * Decides an extension or a renewal that is still pending, as `decision` says: the eligibility, the request and the events of
 * both in one transaction. What was asked for is given unless the administrator says otherwise. Undefined when others came between.
 */
export async function decideExtension(
  ports: Ports,
  workflows: Workflows,
  approver: Actor & { proof?: Proof },
  read: Stored<Request>,
  review: Review,
  decision: Decision,
): Promise<Request | undefined> {
  const { value: request } = read
  if (decision.reviewResult === 'Denied')
    return changeRequest(ports, workflows, read, extensionDecided(request, decision, null))
  if (review.assignmentType === 'active')
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequest',
      'An eligibility is extended as an eligibility. Deny this, and assign the role actively instead.',
    )
  const target = await ports.store.findEligibility(request.eligibilityId as string)
  if (!target)
    throw new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist any more.')
  const now = ports.now()
  const action = request.action as Action
  const window = windowFor(review.scheduleInfo ?? request.asked, now, target.value)
  await refuseApproval(ports, approver, request, target.value, review, window, now)

  const step = extensionDecided(request, decision, window)
  const { reviewedBy, justification } = decision
  const change = moved(target.value, action, window, reviewedBy, now, justification)
  const judge = (others: readonly Eligibility[]) => refuseOverlap(others, target.value, window)
  if (!(await changeEligibility(ports, target, { ...change, request: { read, step } }, judge)))
    return undefined
  await tellChange(ports, request, step)
  return step.request
}

/** Judged once more as if it were asked for now, with the window that is given; and the administrator as if they assigned it. */
async function refuseApproval(
  ports: Ports,
  approver: { proof?: Proof },
  request: Request,
  eligibility: Eligibility,
  review: Review,
  window: ReturnType<typeof windowFor>,
  now: Date,
): Promise<void> {
  const [requester, definition, demands] = await Promise.all([
    ports.directory.person(request.principal.id),
    providerOf(ports, eligibility).describe(eligibility),
    eligibilityDemandsNow(ports, eligibility),
  ])
  const asked = { justification: request.justification, window }
  const c = { now, requester, definition, demands }
  const proof = approver.proof ?? NO_PROOF
  refuse([
    ...extensionDenials(request.action as Action, eligibility, asked, c),
    ...assigningDenials(
      { justification: review.justification, ticketInfo: review.ticketInfo, window },
      { now, demands: { ...demands, isExpirationRequired: false }, proof, mfaContext: ports.mfaContext }, // judged above
    ),
  ])
}

/** A page's session says who somebody is, not how they have signed in. */
const NO_PROOF: Proof = { mfa: false, contexts: [] }

const othersThan = ({ id }: Eligibility, all: readonly Eligibility[]) =>
  all.filter((other) => other.id !== id)

const alreadyAsked = () =>
  new Refused(
    400,
    'PendingRoleAssignmentRequest',
    'There is an already existing pending role assignment extension.',
  )
