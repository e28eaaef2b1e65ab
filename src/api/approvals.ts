import { activationDenials, askOf, windowAsked } from '../domain/activation.ts'
import { type Approval, type Decision, type Review, stageId, type Via, withVote } from '../domain/approval.ts'
import { decided, signed } from '../domain/approval-steps.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Actor, Proof } from '../domain/person.ts'
import { awaitsDecision, isAboutSchedule, type Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import { seatIn } from '../domain/seats.ts'
import { changeRequest } from '../live/change.ts'
import { circumstances } from '../live/circumstances.ts'
import { look } from '../live/look.ts'
import { approvalInForce, type Standing, standingOf } from '../live/seats.ts'
import type { Ports, Workflows } from '../ports.ts'
import { watchUse } from './break-glass.ts'
import { decideExtension, refuseWhoMayNotExtend } from './extensions.ts'
import { forbidden, notFound, Refused, refuse } from './refused.ts'
import { again } from './withdrawals.ts'

/**
 * Decides a request, if it is this person's to decide now, and only on what is true now: for an approval the request is
 * judged once more as if it were made this minute. Throws 403 for those who may not, 409 with what happened when it is
 * decided already; the same answer by the same person again is answered as the first was.
 */
export async function decide(
  ports: Ports,
  workflows: Workflows,
  approver: Actor & { proof?: Proof },
  requestId: string,
  review: Meant,
  via: Via,
): Promise<Request> {
  return again(async () => {
    const { read, eligibilities } = await look(ports, requestId)
    if (!read) throw notFound('There is no such request.')
    const request = read.value
    if (isAboutSchedule(request)) await refuseWhoMayNotExtend(ports, request, approver.id)
    const standing = isAboutSchedule(request) ? undefined : await standingNow(ports, request, approver.id)
    if (!awaitsDecision(request)) return settled(workflows, request, approver, review)
    if (via === 'link') refuseWhereNoLinkDecides(request, standing)
    refuseWithoutJustification(request, standing, review, via)
    await watchUse(ports, {
      by: approver,
      principal: request.principal,
      role: { ...request, displayName: request.roleName },
      what: `${review.reviewResult} of ${request.id}`,
    })

    const now = ports.now()
    refuseTooLate(request, now)
    const decision = decisionOf(approver, standing, review, via, now)
    if (!standing) return decideExtension(ports, workflows, approver, read, review, decision)
    refuseOtherWindow(review)
    const meant = meantFor(request, standing, decision, review)
    const next = await answered(ports, request, meant, decision, eligibilities, now)
    return next === 'said already' ? request : changeRequest(ports, workflows, read, next)
  })
}

/** An answer, and from a page the stages that it was shown for. */
type Meant = Review & { stageIds?: readonly string[] }

/**
 * Whoever says for which stage they answer answers for no other: their seat is that stage alone, or none. What they have said of it
 * already, and perhaps not heard the answer, stands.
 */
function meantFor(
  request: Request,
  standing: Standing,
  { reviewedBy, reviewResult }: Decision,
  { stageId: one, stageIds = one ? [one] : [] }: Meant,
): Standing | 'said already' {
  const { id, approval } = request
  const { seat } = standing
  const isFor = (index: number) => stageIds.includes(stageId(id, index))
  const isApproval = reviewResult === 'Approved'
  const own = (approval?.votes ?? []).filter((vote) => vote.reviewedBy.id === reviewedBy.id)
  if (stageIds.length === 0) {
    // Who has heard no answer says the same again: that must not sign for the next stage, which they have never looked at.
    if (isApproval && own.length > 0 && seat?.isUseful) throw unnamedStage(request, seat.usefulIn)
    return standing
  }
  if (isApproval && own.some(({ stages }) => stages.some(isFor))) return 'said already'
  if (!seat) return standing
  const meant = seatIn(seat, isFor)
  const isElsewhere = isApproval && !meant?.isUseful && (seat.isUseful || own.length > 0)
  if (!meant || isElsewhere)
    throw notPending(request, `It waits for no answer of yours in the stage ${stageIds.join(', ')}.`)
  return { ...standing, seat: meant }
}

/**
 * The stages that an answer to what is shown now would be for: the first that it would help; or, where it may count for but one, all
 * of these, so that it still makes way for others.
 */
export function stagesShown({ id }: Request, standing: Standing | undefined): string[] {
  const { stages = [0], usefulIn = [], once = false } = standing?.seat ?? {}
  const shown = usefulIn.length > 0 ? usefulIn : stages
  return (once ? shown : shown.slice(0, 1)).map((index) => stageId(id, index))
}

function unnamedStage({ id }: Request, open: readonly number[]): Refused {
  const message = `You have approved this request in an earlier stage. To approve it in the next one too, say so by its stageId: ${open.map((index) => stageId(id, index)).join(', ')}.`
  return new Refused(400, 'BadRequest', message, {
    details: [{ code: 'BadRequest', target: 'stageId', message }],
  })
}

/** What the page was opened by proves nothing: another stage may be open by now, or the settings may have changed. */
function refuseWhereNoLinkDecides({ approval }: Request, standing: Standing | undefined): void {
  if (approval && standing && mayLinkDecide(approval, standing)) return
  throw new Refused(403, 'SignInRequired', 'Sign in to decide this request.')
}

function refuseTooLate(request: Request, now: Date): void {
  if (now >= new Date(request.approval?.pendingUntil as string))
    throw notPending(request, 'Its time is over.')
}

function decisionOf(
  { id, displayName }: Actor,
  standing: Standing | undefined,
  { reviewResult, justification }: Review,
  via: Via,
  now: Date,
): Decision {
  const onBehalfOf = standing?.seat?.onBehalfOf
  return {
    reviewResult: reviewResult === 'Approve' ? 'Approved' : 'Denied',
    reviewedBy: { id, displayName },
    ...(onBehalfOf && { onBehalfOf }),
    reviewedDateTime: now.toISOString(),
    justification: justification?.trim() || null,
    via,
  }
}

/** What this answer makes of the request: over, or one signature nearer. On what is true now, whichever it is. */
async function answered(
  ports: Ports,
  request: Request,
  meant: Standing | 'said already',
  decision: Decision,
  own: readonly Eligibility[],
  now: Date,
): Promise<Step | 'said already'> {
  if (meant === 'said already') return meant
  const { seat, approval } = meant
  const isApproval = decision.reviewResult === 'Approved'
  if (!seat || (isApproval && !seat.isUseful)) {
    const isOwn = approval.votes.some(({ reviewedBy }) => reviewedBy.id === decision.reviewedBy.id)
    if (isOwn && isApproval) return 'said already'
    throw notPending(
      request,
      isOwn ? 'You have approved it; others are still to.' : 'Others are still to decide, not you.',
    )
  }
  if (!isApproval) return decided(request, decision, null)
  const window = await windowIfAllowed(ports, request, own, now)
  const { reviewResult: _, ...vote } = decision
  const { stages, once } = seat
  const after = withVote(approval, { ...vote, stages, once }, now)
  return after.isComplete
    ? decided({ ...request, approval: after.approval }, decision, window)
    : signed(request, after.approval, vote)
}

/** Where this person stands. Throws 403 unless they are an approver of this request at this moment, themselves or for another. */
export async function standingNow(ports: Ports, request: Request, personId: string): Promise<Standing> {
  if (personId === request.principal.id) throw forbidden('Nobody decides a request of their own.')
  const { approval } = request
  const [person, standing] = await Promise.all([
    ports.directory.person(personId),
    approval &&
      approvalInForce(ports, request).then((inForce) =>
        standingOf(ports, { ...request, approval }, personId, inForce),
      ),
  ])
  if (!person?.accountEnabled) throw forbidden('Your account is not enabled in the directory.')
  if (!standing?.isAsked) throw forbidden('You are not an approver of this request.')
  return standing
}

/** Throws 403 for those who are asked neither as approvers nor as administrators. */
export async function refuseStrangers(ports: Ports, request: Request, personId: string): Promise<void> {
  if (isAboutSchedule(request)) await refuseWhoMayNotExtend(ports, request, personId)
  else await standingNow(ports, request, personId)
}

async function windowIfAllowed(ports: Ports, request: Request, own: readonly Eligibility[], now: Date) {
  const ask = askOf(request)
  const c = await circumstances(ports, request.principal.id, ask, own, request.proof, request)
  refuse(activationDenials(ask, c))
  return windowAsked(ask, now)
}

/** An activation is approved as it was asked for, or not: what it was asked for with is what its approvers were shown. */
function refuseOtherWindow({ scheduleInfo, assignmentType }: Review): void {
  if (!scheduleInfo && !assignmentType) return
  throw new Refused(
    400,
    'BadRequest',
    'An activation is approved as it was asked for: scheduleInfo and assignmentType are for extensions and renewals.',
  )
}

/** Once decided is decided. Whoever said the same before, and perhaps never heard our answer, hears it now. */
async function settled(
  workflows: Workflows,
  request: Request,
  approver: Actor,
  review: Review,
): Promise<Request> {
  const decision = request.approval?.decision
  const same = decision?.reviewResult === (review.reviewResult === 'Approve' ? 'Approved' : 'Denied')
  if (!same || decision?.reviewedBy.id !== approver.id) throw notPending(request, whatHappened(request))
  if (!isAboutSchedule(request)) await workflows.announce(request.id, request.turn)
  return request
}

/** What became of a request, in one sentence: for late approvers and for old links. */
export function whatHappened({ status, approval, principal }: Request): string {
  const decision = approval?.decision
  if (decision) {
    const { reviewResult, reviewedBy, onBehalfOf } = decision
    const place = onBehalfOf ? ` for ${onBehalfOf.displayName}` : ''
    return `It was ${reviewResult.toLowerCase()} by ${reviewedBy.displayName}${place}.`
  }
  if (status === 'Canceled') return `It was canceled before anybody decided it.`
  if (status === 'TimedOut') return 'Nobody decided it in time.'
  if (awaitsDecision({ status })) {
    const signers = (approval?.votes ?? []).map(({ reviewedBy }) => reviewedBy.displayName)
    const so = signers.length > 0 ? ` It was approved by ${signers.join(' and ')} so far.` : ''
    return `${principal.displayName} is waiting for a decision.${so}`
  }
  return `It is ${status}.`
}

function notPending(request: Request, why: string): Refused {
  const isApproved = request.approval?.decision?.reviewResult === 'Approved'
  const code = isApproved ? 'RoleAssignmentRequestAlreadyApproved' : 'RoleAssignmentRequestNotPending'
  return new Refused(409, code, `This request is ${request.status}. ${why}`)
}

/** Where the link alone decides, a typed reason shows that a person did, and not a program that presses buttons. */
function refuseWithoutJustification(
  request: Request,
  standing: Standing | undefined,
  { justification }: Review,
  via: Via,
): void {
  if (justification?.trim() || !(via === 'link' || isReasonAsked(request, standing))) return
  throw new Refused(
    400,
    'RoleAssignmentRequestPolicyValidationFailed',
    'The following policy rules failed: ["JustificationRule"]',
    {
      details: [
        {
          code: 'JustificationRule',
          target: 'justification',
          message: 'A justification is required for the decision.',
        },
      ],
    },
  )
}

/** By the stages that the answer is for, or all of them; as they were and as they are in the settings now. */
export function isReasonAsked({ approval }: Request, standing: Standing | undefined): boolean {
  const stages = approval?.stages ?? []
  const indexes = standing?.seat?.stages ?? stages.map((_, index) => index)
  const inForce = standing?.inForce?.stages ?? []
  return indexes.some((index) => stages[index]?.justification || inForce[index]?.justification)
}

/**
 * Whether the mailed link alone may decide: by the settings of the request and by those in force, in each stage that it would be for;
 * for those who have none to speak in, in all that have begun.
 */
export function mayLinkDecide(
  { stages }: Approval,
  { seat, inForce }: Pick<Standing, 'inForce'> & Partial<Standing>,
): boolean {
  const begun = stages.flatMap(({ begunAt }, index) => (begunAt === null ? [] : [index]))
  return (seat?.stages ?? begun).every(
    (index) =>
      (stages[index]?.byLink ?? true) && (inForce === null || (inForce.stages[index]?.byLink ?? false)),
  )
}
