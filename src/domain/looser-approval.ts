import type { ApprovalSetting } from './approval-rule.ts'
import { type Approver, approverKey } from './approver.ts'

type Setting = ApprovalSetting
type Stage = Setting['approvalStages'][number]

/** Is anybody asked at all, to activate or to extend? */
export const isAsked = ({ isApprovalRequired, isApprovalRequiredForExtension }: Setting) =>
  isApprovalRequired || isApprovalRequiredForExtension

export const lacks = <T>(before: readonly T[], after: readonly T[]) =>
  before.some((each) => !after.includes(each))

const textOf = (value: object) => JSON.stringify(value)

/** Fewer are asked, or others, or by silence or a condition sooner nobody. */
export function approvesMoreEasily(before: Setting, after: Setting): boolean {
  if (before.isApprovalRequiredForExtension && !after.isApprovalRequiredForExtension) return true
  if (before.isRequestorJustificationRequired && !after.isRequestorJustificationRequired) return true
  if (!isAsked(before)) return false
  if (before.isApprovalRequired && !after.isApprovalRequired) return true
  if (lacks((after.autoApproval ?? []).map(textOf), (before.autoApproval ?? []).map(textOf))) return true
  const [old, next] = [before.approvalStages, after.approvalStages]
  const isSideBySide = before.approvalMode !== 'Parallel' && after.approvalMode === 'Parallel'
  if (isSideBySide && next.length > 1 && next.some(approvesUnanswered)) return true // their times run at once
  return next.length < old.length || next.some((stage, index) => isEasierStage(old[index], stage))
}

function isEasierStage(before: Stage | undefined, after: Stage): boolean {
  if (!before) return false // one more has to agree
  if (before.isApproverJustificationRequired && !after.isApproverJustificationRequired) return true
  if (LINK.indexOf(byLink(after)) > LINK.indexOf(byLink(before))) return true
  if ((after.approvalsRequired ?? 1) < (before.approvalsRequired ?? 1)) return true
  if ((before.isEarlierApproverExcluded ?? true) && !(after.isEarlierApproverExcluded ?? true)) return true
  if (approvesUnanswered(after) && (!approvesUnanswered(before) || minutesOf(after) < minutesOf(before)))
    return true
  return othersDecide(before, after)
}

/** Somebody who could not before, or who could only later, or only instead of a manager. */
function othersDecide(before: Stage, after: Stage): boolean {
  const [old, next] = [peopleIn(before), peopleIn(after)]
  const isEscalatedSooner =
    before.isEscalationEnabled && after.escalationTimeInMinutes < before.escalationTimeInMinutes
  return (
    lacks(next.first, old.first) ||
    lacks(next.instead, [...old.first, ...old.instead]) ||
    lacks(next.later, [...old.first, ...(isEscalatedSooner ? [] : old.later)])
  )
}

const peopleIn = (stage: Stage) => ({
  first: keysOf(stage.primaryApprovers),
  instead: keysOf(stage.fallbackPrimaryApprovers ?? []),
  later: stage.isEscalationEnabled ? keysOf(stage.escalationApprovers) : [],
})
const keysOf = (approvers: readonly Approver[]) => approvers.map(approverKey)

const approvesUnanswered = ({ timeOutAction }: Stage) => timeOutAction === 'Approve'
const minutesOf = ({ approvalStageTimeOutInMinutes, approvalStageTimeOutInDays }: Stage) =>
  approvalStageTimeOutInMinutes ?? approvalStageTimeOutInDays * 24 * 60

/** From the strictest on: not said is no for a privileged role, yes for others. */
const LINK: readonly (boolean | null)[] = [false, null, true]
const byLink = ({ isDecisionByLinkAllowed }: Stage) => isDecisionByLinkAllowed ?? null
