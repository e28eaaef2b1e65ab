import { z } from 'zod'
import { SHORTEST } from './activation.ts'
import { EligibilitySchedule } from './eligibility.ts'
import type { Request } from './request.ts'
import type { ApprovalDemand, Approver } from './role-settings.ts'
import { earlier, MINUTE, plus } from './schedule.ts'
import { text } from './text.ts'
import { TicketInfo } from './ticket.ts'

/** An approver's answer, with Graph's verbs; the justification as the role's settings ask for it. */
export const Review = z.strictObject({
  reviewResult: z.enum(['Approve', 'Deny']),
  justification: text(1000).nullish(),
  scheduleInfo: EligibilitySchedule.optional().meta({
    description: 'Of an extension or a renewal: from when to when instead of what was asked for.',
  }),
  assignmentType: z.enum(['eligible', 'active']).optional().meta({
    description:
      'Of an extension or a renewal: as what. As the other type it is given anew, and the old one keeps its end.',
  }),
  ticketInfo: TicketInfo.nullish(),
})
export type Review = z.infer<typeof Review>

/** Under these keys an approver finds what awaits them. */
export const approverKey = (approver: Approver) =>
  approver['@odata.type'] === '#microsoft.graph.singleUser'
    ? `user-${approver.userId}`
    : `group-${approver.groupId}`

export const approverGroups = (approvers: readonly Approver[]) =>
  approvers.flatMap((a) => (a['@odata.type'] === '#microsoft.graph.groupMembers' ? [a.groupId] : []))

export const approverUsers = (approvers: readonly Approver[]) =>
  approvers.flatMap((a) => (a['@odata.type'] === '#microsoft.graph.singleUser' ? [a.userId] : []))

/**
 * Whether this person may decide this request. Both lists of approvers must name them, the one that the request was
 * made under and the one in force now: who was taken off the list must not decide, nor who was put on it since.
 * The requester never may, whatever list names them. `inForce` is null where the role asks for no approval any more.
 */
export function mayDecide(
  request: Request,
  approverId: string,
  inForce: readonly Approver[] | null,
  memberOf: (groupIds: readonly string[]) => boolean,
): boolean {
  if (!request.approval || approverId === request.principal.id) return false
  const named = (list: readonly Approver[]) =>
    approverUsers(list).includes(approverId) || memberOf(approverGroups(list))
  return named(request.approval.approvers) && (inForce === null || named(inForce))
}

/** When to remind and when to give up: never later than it could still be used. */
export function approvalTimes(
  demand: ApprovalDemand,
  now: Date,
  fixedEnd: Date | null,
): { remindAt: string; pendingUntil: string } {
  const asSet = plus(now, demand.timeoutMinutes * MINUTE)
  const pendingUntil = fixedEnd ? earlier(asSet, plus(fixedEnd, -SHORTEST)) : asSet
  const halfway = new Date((now.getTime() + pendingUntil.getTime()) / 2)
  return { remindAt: halfway.toISOString(), pendingUntil: pendingUntil.toISOString() }
}
