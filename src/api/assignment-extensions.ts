import type { Decision, Review } from '../domain/approval.ts'
import { extensionDecided } from '../domain/approval-steps.ts'
import { assignmentWindow, rescheduled } from '../domain/assignment.ts'
import {
  type Eligibility,
  type EligibilitySchedule,
  type EligibilityWindow,
  NewEligibility,
} from '../domain/eligibility.ts'
import { askingDenials, extensionDenials, type SelfExtendAssignment } from '../domain/extension.ts'
import type { Actor, Proof } from '../domain/person.ts'
import { isAssigned, type Request } from '../domain/request.ts'
import { type Role, titleOf } from '../domain/role.ts'
import { assignmentDemandsNow } from '../live/assigning.ts'
import { changeRequest } from '../live/change.ts'
import { providerOf } from '../live/providers.ts'
import type { Answered, Caller, Ports, Stored, Workflows } from '../ports.ts'
import { assignAnew, judgeAssigning } from './assigning.ts'
import { askedAboutAssignment } from './assignments.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { makeEligible } from './eligibilities.ts'
import { idOfAssignment } from './meant.ts'
import { alreadyAsked, NO_PROOF, openQuestion, question } from './questions.ts'
import { doesNotExist, refuse } from './refused.ts'

/**
 * selfExtend, selfRenew: asks the administrators of the role for more time of an active assignment of one's own, before its end
 * or after it. What a group was assigned, its members cannot ask for.
 */
export async function requestAssignmentExtension(
  ports: Ports,
  caller: Caller,
  body: SelfExtendAssignment,
): Promise<Request> {
  const { action, scheduleInfo } = body
  const id = await idOfAssignment(ports, caller, body)
  const [read, live] = await Promise.all([ports.store.findRequest(id), ports.store.readLive(caller.id)])
  // Somebody else's is answered like none at all.
  if (read?.value.principal.id !== caller.id || !isTheirs(read.value, action)) throw doesNotExist()
  const assignment = read.value
  await refuseForBreakGlass(ports, caller, assignment, 'extension of an assignment asked for')
  const now = ports.now()
  const before = windowOf(assignment)
  const window = windowAsked(action, scheduleInfo, before, now)
  const [requester, definition, demands] = await Promise.all([
    ports.directory.person(caller.id),
    providerOf(ports, assignment).describe(assignment),
    assignmentDemandsNow(ports, assignment),
  ])
  const asked = { justification: body.justification, window }
  refuse(extensionDenials(action, before, asked, { now, requester, definition, demands }, 'assignment'))
  if (askedAboutAssignment(live.requests, assignment.id)) throw alreadyAsked()
  const { roleName, scopeName, principal } = assignment
  const names = { roleName, scopeName, principalName: principal.displayName }
  const about = { about: 'assignment' as const, eligibilityId: null, targetId: assignment.id }
  const settingsVersion = demands.version
  const request = question(ports, body, { ...roleOf(assignment), ...names, ...about }, before, {
    caller,
    settingsVersion,
    now,
  })
  return body.isValidationOnly ? request : openQuestion(ports, request)
}

type Approver = Actor & { proof?: Proof }

/**
 * What was asked for is given, unless the administrator says otherwise: the end of what runs moves, what has expired is given
 * anew, or its holder becomes eligible; in one transaction with the answer. Undefined when others came between.
 */
export async function approveAssignmentExtension(
  ports: Ports,
  workflows: Workflows,
  approver: Approver,
  read: Stored<Request>,
  review: Review,
  decision: Decision,
): Promise<Request | undefined> {
  const { value: request } = read
  const action = request.action as 'selfExtend' | 'selfRenew'
  const target = await ports.store.findRequest(request.targetId as string)
  if (!target || !isTheirs(target.value, action)) throw doesNotExist()
  await refuseForBreakGlass(ports, approver, target.value, 'extension of an assignment approved')
  const now = ports.now()
  const before = windowOf(target.value)
  const schedule = review.scheduleInfo ?? request.asked
  await refuseToAsk(ports, request, before, now, 'assignment')
  const caller = callerOf(approver)
  const role = roleOf(target.value)
  const reasons = { justification: review.justification, ticketInfo: review.ticketInfo }
  if (review.assignmentType === 'eligible') {
    const { condition } = target.value
    const body = NewEligibility.parse({ principalId: request.principal.id, ...role, ...reasons, condition })
    const given = await makeEligible(ports, caller, { ...body, scheduleInfo: schedule }, (eligibility) =>
      answered(read, decision, eligibility, eligibility.id),
    )
    return given && answered(read, decision, given, given.id).step.request
  }
  if (action === 'selfRenew') {
    const anew = { action: 'adminRenew' as const, role, principalId: request.principal.id, ...reasons }
    const { condition } = target.value
    const asked = { ...anew, condition, scheduleInfo: schedule, isValidationOnly: false }
    const given = await assignAnew(ports, workflows, caller, asked, (each) =>
      answered(read, decision, windowOf(each)),
    )
    return given && answered(read, decision, windowOf(given)).step.request
  }
  const window = windowAsked(action, schedule, before, now)
  const demands = await judgeAssigning(
    ports,
    caller,
    role,
    { ...reasons, scheduleInfo: schedule },
    window,
    now,
  )
  const asked = { justification: request.justification, window }
  const c = { now, demands, ...(await whoAndWhat(ports, request)) }
  refuse(extensionDenials(action, before, asked, c, 'assignment'))
  const change = { asked: request.asked, window, reason: decision.justification }
  const step = rescheduled(target.value, 'selfExtend', change, decision.reviewedBy, now)
  const answer = answered(read, decision, window)
  return (await changeRequest(ports, workflows, target, step, answer)) && answer.step.request
}

/** An eligibility is not extended, and the role is assigned instead, for the time that the administrator says. */
export async function giveActively(
  ports: Ports,
  workflows: Workflows,
  approver: Approver,
  { read, eligibility }: { read: Stored<Request>; eligibility: Eligibility },
  review: Review,
  decision: Decision,
): Promise<Request | undefined> {
  const { value: request } = read
  await refuseToAsk(ports, request, eligibility, ports.now(), 'eligibility')
  const asked = {
    action: 'adminAssign' as const,
    role: roleOf(eligibility),
    principalId: request.principal.id,
    justification: review.justification,
    ticketInfo: review.ticketInfo,
    condition: eligibility.condition,
    scheduleInfo: review.scheduleInfo ?? request.asked,
    isValidationOnly: false,
  }
  const answering = (given: Request) => answered(read, decision, windowOf(given), given.id)
  const given = await assignAnew(ports, workflows, callerOf(approver), asked, answering)
  return given && answering(given).step.request
}

function answered(
  read: Stored<Request>,
  decision: Decision,
  { startDateTime, endDateTime }: EligibilityWindow,
  givenAs?: string,
): Answered {
  const said = givenAs ? { ...decision, givenAs } : decision
  return { read, step: extensionDecided(read.value, said, { startDateTime, endDateTime }) }
}

/** Judged once more, as if it were asked for now. */
async function refuseToAsk(
  ports: Ports,
  request: Request,
  before: EligibilityWindow,
  now: Date,
  what: 'eligibility' | 'assignment',
): Promise<void> {
  const action = request.action as 'selfExtend' | 'selfRenew'
  refuse(askingDenials(action, before, request, { now, ...(await whoAndWhat(ports, request)) }, what))
}

async function whoAndWhat(ports: Ports, request: Request) {
  const [requester, definition] = await Promise.all([
    ports.directory.person(request.principal.id),
    providerOf(ports, request).describe(request),
  ])
  return { requester, definition }
}

/**
 * It runs or, to be renewed, has expired; what was taken away, or never given, is nobody's to extend or to renew. What has expired
 * is not extended though its end be a moment ahead: that would move an end and give nothing.
 */
const isTheirs = (request: Request, action: 'selfExtend' | 'selfRenew') =>
  isAssigned(request) &&
  (request.status === 'Provisioned' || (action === 'selfRenew' && request.status === 'Expired'))

/** Of what runs the start stays, and a duration counts from now. */
const windowAsked = (
  action: 'selfExtend' | 'selfRenew',
  schedule: EligibilitySchedule,
  before: EligibilityWindow,
  now: Date,
) => assignmentWindow(schedule, now, action === 'selfExtend' ? before.startDateTime : null)

const windowOf = ({ startsAt, endsAt }: Request): EligibilityWindow => ({
  startDateTime: startsAt as string,
  endDateTime: endsAt,
})

const roleOf = ({ provider, roleDefinitionId, scope }: Role): Role => ({ provider, roleDefinitionId, scope })

const callerOf = ({ id, displayName, proof = NO_PROOF }: Approver): Caller => ({
  id,
  displayName,
  proof,
  kind: 'user',
  canAnswerClaims: false,
})

function refuseForBreakGlass(ports: Ports, by: Actor, request: Request, what: string): Promise<void> {
  const principal = { ...request.principal, type: request.principalType }
  return refuseBreakGlass(ports, by, principal, { ...request, displayName: titleOf(request) }, what)
}
