import type { Decision, Review } from '../domain/approval.ts'
import { extensionDecided } from '../domain/approval-steps.ts'
import { assigningDenials } from '../domain/assigning.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import { windowFor } from '../domain/eligibility-life.ts'
import { moved } from '../domain/eligibility-steps.ts'
import { extensionDenials, type SelfExtend } from '../domain/extension.ts'
import type { Actor, Proof } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import { changeRequest, tellChange } from '../live/change.ts'
import { eligibilityDemandsNow } from '../live/circumstances.ts'
import { changeEligibility } from '../live/eligibility-change.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Ports, Stored, Workflows } from '../ports.ts'
import { approveAssignmentExtension, giveActively } from './assignment-extensions.ts'
import { mayAdminister } from './authority.ts'
import { askedAbout, refuseForBreakGlass, refuseOverlap } from './eligibility-refusals.ts'
import { refuseForOneself } from './for-oneself.ts'
import { idOfEligibility } from './meant.ts'
import { alreadyAsked, NO_PROOF, openQuestion, question } from './questions.ts'
import { doesNotExist, forbidden, Refused, refuse } from './refused.ts'

type Action = SelfExtend['action']

/**
 * selfExtend, selfRenew: asks the administrators of the role for more time of an eligibility of one's own. What a group is
 * eligible for, its members cannot ask for: only what is their own.
 */
export async function requestExtension(ports: Ports, caller: Caller, body: SelfExtend): Promise<Request> {
  const { action, scheduleInfo } = body
  const id = await idOfEligibility(ports, caller, body)
  const [read, live, requester] = await Promise.all([
    ports.store.findEligibility(id),
    ports.store.readLive(caller.id),
    ports.directory.person(caller.id),
  ])
  // Somebody else's is answered like none at all: who is eligible for what is not for everybody to find out.
  if (!read || read.value.principalId !== caller.id) throw doesNotExist()
  const eligibility = read.value
  await refuseForBreakGlass(ports, caller, eligibility, 'extension of an eligibility asked for')
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

  const { roleName, scopeName, principalName, id: eligibilityId } = eligibility
  const about = { about: 'eligibility' as const, eligibilityId, roleName, scopeName, principalName }
  const request = question(ports, body, { ...roleOf(eligibility), ...about }, eligibility, {
    caller,
    settingsVersion: demands.version,
    now,
  })
  return body.isValidationOnly ? request : openQuestion(ports, request)
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

const roleOf = ({ provider, roleDefinitionId, scope }: Eligibility) => ({ provider, roleDefinitionId, scope })

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
  if (request.about === 'assignment')
    return approveAssignmentExtension(ports, workflows, approver, read, review, decision)
  const target = await ports.store.findEligibility(request.eligibilityId as string)
  if (!target)
    throw new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist any more.')
  await refuseForBreakGlass(ports, approver, target.value, 'extension of an eligibility approved')
  if (review.assignmentType === 'active')
    return giveActively(ports, workflows, approver, { read, eligibility: target.value }, review, decision)
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

const othersThan = ({ id }: Eligibility, all: readonly Eligibility[]) =>
  all.filter((other) => other.id !== id)
