import { activationDenials } from '../domain/activation.ts'
import { type Approval, type Decision, type Review, stageId } from '../domain/approval.ts'
import { withVote } from '../domain/approval-progress.ts'
import { decided, signed } from '../domain/approval-steps.ts'
import { askOf, windowAsked } from '../domain/ask.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import { seatIn } from '../domain/seats.ts'
import { circumstances } from '../live/circumstances.ts'
import { enoughForWhatComes } from '../live/enough-approvers.ts'
import type { Standing } from '../live/seats.ts'
import type { Ports } from '../ports.ts'
import { Refused, refuse } from './refused.ts'

/** An answer, and from a page the stages that it was shown for. */
export type Meant = Review & { stageIds?: readonly string[] }

/**
 * What this answer makes of the request: over, or one signature nearer; undefined where it was said already. On what is true now,
 * whichever it is. `own`: the requester's eligibilities, read already.
 */
export async function answered(
  ports: Ports,
  request: Request,
  standing: Standing,
  decision: Decision,
  review: Meant,
  own: readonly Eligibility[],
): Promise<Step | undefined> {
  refuseOtherWindow(review)
  const isApproval = decision.reviewResult === 'Approved'
  const meant = meantFor(request, standing, decision, review)
  if (meant === 'said already') return undefined
  const { seat, approval } = meant
  if (!seat || (isApproval && !seat.isUseful)) return saidAlready(request, meant, decision)
  if (!isApproval) return decided(request, decision, null)
  const now = new Date(decision.reviewedDateTime)
  const window = await windowIfAllowed(ports, request, own, now)
  const { reviewResult: _, ...vote } = decision
  const { stages, once } = seat
  const after = withVote(approval, { ...vote, stages, once }, now)
  if (after.isComplete) return decided({ ...request, approval: after.approval }, decision, window)
  await refuseWhoIsNeededLater(ports, request, after.approval)
  return signed(request, after.approval, vote)
}

/** Nothing is left for them to say: the same again is answered as before, anything else has come too late or too early. */
function saidAlready(
  request: Request,
  { approval }: Standing,
  { reviewedBy, reviewResult }: Decision,
): undefined {
  const isOwn = approval.votes.some((vote) => vote.reviewedBy.id === reviewedBy.id)
  if (isOwn && reviewResult === 'Approved') return
  throw notPending(
    request,
    isOwn ? 'You have approved it; others are still to.' : 'Others are still to decide, not you.',
  )
}

/** Who may sign in several stages, one after the other, must not take the place of those who may sign in the first alone. */
async function refuseWhoIsNeededLater(ports: Ports, request: Request, approval: Approval): Promise<void> {
  if (await enoughForWhatComes(ports, request, approval)) return
  const message =
    'A later stage needs your approval, and whoever has approved before is not asked there. Leave this stage to another of its approvers, or deny the request.'
  refuse([{ rule: 'ApprovalRule', target: 'stageId', message }])
}

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

/** It cannot be decided, or not by them: what has become of it, and why. */
export function notPending(request: Request, why: string): Refused {
  const isApproved = request.approval?.decision?.reviewResult === 'Approved'
  const code = isApproved ? 'RoleAssignmentRequestAlreadyApproved' : 'RoleAssignmentRequestNotPending'
  return new Refused(409, code, `This request is ${request.status}. ${why}`)
}
