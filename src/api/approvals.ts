import { activationDenials, askOf, windowAsked } from '../domain/activation.ts'
import { approverGroups, mayDecide, type Review } from '../domain/approval.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Actor, Proof } from '../domain/person.ts'
import {
  awaitsDecision,
  type Decision,
  isAboutSchedule,
  isExtension,
  type Request,
} from '../domain/request.ts'
import { decided } from '../domain/request-steps.ts'
import { approversInForce } from '../live/approvers.ts'
import { changeRequest } from '../live/change.ts'
import { circumstances, demandsNow } from '../live/circumstances.ts'
import { look } from '../live/look.ts'
import { providerOf } from '../live/providers.ts'
import type { Ports, Workflows } from '../ports.ts'
import { watchUse } from './break-glass.ts'
import { decideExtension, refuseWhoMayNotExtend } from './extensions.ts'
import { forbidden, notFound, Refused, refuse } from './refused.ts'
import { again } from './withdrawals.ts'

export type Via = 'api' | 'page' | 'link'

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
  review: Review,
  via: Via,
): Promise<Request> {
  return again(async () => {
    const { read, eligibilities } = await look(ports, requestId)
    if (!read) throw notFound('There is no such request.')
    const request = read.value
    await refuseWhoMayNot(ports, request, approver.id)
    if (!awaitsDecision(request)) return settled(workflows, request, approver, review)
    await refuseWithoutJustification(ports, request, review, via)
    await watchUse(ports, {
      by: approver,
      principal: request.principal,
      role: { ...request, displayName: request.roleName },
      what: `${review.reviewResult} of ${request.id}`,
    })

    const now = ports.now()
    if (now >= new Date(request.approval?.pendingUntil as string))
      throw notPending(request, 'Its time is over.')
    const decision: Decision = {
      reviewResult: review.reviewResult === 'Approve' ? ('Approved' as const) : ('Denied' as const),
      reviewedBy: { id: approver.id, displayName: approver.displayName },
      reviewedDateTime: now.toISOString(),
      justification: review.justification?.trim() || null,
      via,
    }
    if (isAboutSchedule(request)) return decideExtension(ports, workflows, approver, read, review, decision)
    refuseOtherWindow(review)
    const window =
      review.reviewResult === 'Approve' ? await windowIfAllowed(ports, request, eligibilities, now) : null
    return changeRequest(ports, workflows, read, decided(request, decision, window))
  })
}

/** Throws 403 unless this person is an approver of this request at this moment. */
export async function refuseWhoMayNot(ports: Ports, request: Request, approverId: string): Promise<void> {
  if (isAboutSchedule(request)) return refuseWhoMayNotExtend(ports, request, approverId)
  if (approverId === request.principal.id) throw forbidden('Nobody decides a request of their own.')
  const approver = await ports.directory.person(approverId)
  if (!approver?.accountEnabled) throw forbidden('Your account is not enabled in the directory.')
  const inForce = await approversInForce(ports, request)
  const groups = approverGroups([...(request.approval?.approvers ?? []), ...(inForce ?? [])])
  const mine = groups.length > 0 ? await ports.directory.groupsOf(approverId, [...new Set(groups)]) : []
  if (!mayDecide(request, approverId, inForce, (ids) => ids.some((id) => mine.includes(id))))
    throw forbidden('You are not an approver of this request.')
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
  if (decision) return `It was ${decision.reviewResult.toLowerCase()} by ${decision.reviewedBy.displayName}.`
  if (status === 'Canceled') return `It was canceled before anybody decided it.`
  if (status === 'TimedOut') return 'Nobody decided it in time.'
  if (awaitsDecision({ status })) return `${principal.displayName} is waiting for a decision.`
  return `It is ${status}.`
}

function notPending(request: Request, why: string): Refused {
  const code = request.approval?.decision
    ? 'RoleAssignmentRequestAlreadyApproved'
    : 'RoleAssignmentRequestNotPending'
  return new Refused(409, code, `This request is ${request.status}. ${why}`)
}

/** Where the link alone decides, a typed reason shows that a person did, and not a program that presses buttons. */
async function refuseWithoutJustification(
  ports: Ports,
  request: Request,
  { justification }: Review,
  via: Via,
): Promise<void> {
  if (justification?.trim()) return
  const isAsked = async () => (await settingsNow(ports, request)).approval?.justification === true
  if (!(request.approval?.justificationRequired || via === 'link' || (await isAsked()))) return
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

/** Whether the mailed link alone may decide: by the settings of the request and by those in force. */
export async function mayLinkDecide(ports: Ports, request: Request): Promise<boolean> {
  if (!request.approval?.byLink) return false
  return (await settingsNow(ports, request)).approval?.byLink ?? true
}

const settingsNow = async (ports: Ports, request: Request) =>
  demandsNow(ports, request, await providerOf(ports, request).describe(request), isExtension(request))
