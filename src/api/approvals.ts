import type { Approval, Decision, Review, Via } from '../domain/approval.ts'
import type { Actor, Proof } from '../domain/person.ts'
import { awaitsDecision, isAboutSchedule, type Request } from '../domain/request.ts'
import { changeRequest } from '../live/change.ts'
import { look } from '../live/look.ts'
import { approvalInForce, type Standing, standingOf } from '../live/seats.ts'
import type { Ports, Workflows } from '../ports.ts'
import { watchUse } from './break-glass.ts'
import { decideExtension, refuseWhoMayNotExtend } from './extensions.ts'
import { forbidden, notFound, Refused } from './refused.ts'
import { answered, type Meant, notPending } from './votes.ts'
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
    const next = await answered(ports, request, standing, decision, review, eligibilities)
    return next ? changeRequest(ports, workflows, read, next) : request
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
