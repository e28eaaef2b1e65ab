import type { ApprovalSetting } from './approval-rule.ts'
import { approverUsers, isManager } from './approver.ts'
import type { RuleFault } from './rule-faults.ts'

type StageRule = ApprovalSetting['approvalStages'][number]

/** Rows have their limits, and nobody reads longer lists. */
const MOST_APPROVERS = 60
/** What each of them wrote is kept with the request. */
const MOST_SIGNATURES = 10

/** Why the approval that a rule asks for cannot stand. `isPrivileged` undefined: it is not known of what role. */
export function approvalFaults(id: string, setting: ApprovalSetting, isPrivileged?: boolean): RuleFault[] {
  const at = (field: string, message: string): RuleFault => ({
    code: 'InvalidPolicy',
    target: `${id}.setting.${field}`,
    message,
  })
  const { approvalMode, approvalStages, isApprovalRequired } = setting
  const faults: RuleFault[] = []
  if (approvalMode === 'SingleStage' && approvalStages.length > 1)
    faults.push(at('approvalStages', 'SingleStage has one stage. Say Serial or Parallel for more.'))
  const total = approvalStages.reduce((sum, stage) => sum + listsOf(stage).flat().length, 0)
  if (total > MOST_APPROVERS)
    faults.push(
      at('approvalStages', `All stages together may name ${MOST_APPROVERS} approvers, not ${total}.`),
    )
  const signatures = approvalStages.reduce((sum, { approvalsRequired }) => sum + (approvalsRequired ?? 1), 0)
  if (signatures > MOST_SIGNATURES)
    faults.push(
      at(
        'approvalStages',
        `All stages together may ask for ${MOST_SIGNATURES} approvals (approvalsRequired), not ${signatures}.`,
      ),
    )
  const isAsked = isApprovalRequired || setting.isApprovalRequiredForExtension
  if (isApprovalRequired && approvalMode === 'NoApproval')
    faults.push(at('approvalMode', 'NoApproval and isApprovalRequired contradict each other.'))
  approvalStages.forEach((stage, index) => {
    for (const [field, message] of stageFaults(stage, isAsked, isPrivileged))
      faults.push(at(`approvalStages[${index}].${field}`, message))
  })
  return faults
}

const listsOf = ({ primaryApprovers, escalationApprovers, fallbackPrimaryApprovers }: StageRule) => [
  primaryApprovers,
  escalationApprovers,
  fallbackPrimaryApprovers ?? [],
]

function stageFaults(stage: StageRule, isAsked: boolean, isPrivileged?: boolean): [string, string][] {
  const { primaryApprovers, escalationApprovers, escalationTimeInMinutes, isEscalationEnabled } = stage
  const timeout = stage.approvalStageTimeOutInMinutes ?? stage.approvalStageTimeOutInDays * 24 * 60
  const faults: [string, string][] = []
  if (isAsked && primaryApprovers.length === 0)
    faults.push([
      'primaryApprovers',
      'Approval needs at least one approver, a person or a group. Nobody is never everybody.',
    ])
  if (isEscalationEnabled && escalationApprovers.length === 0)
    faults.push(['escalationApprovers', 'An escalation needs somebody to go to.'])
  if (isEscalationEnabled && !(escalationTimeInMinutes >= 5 && escalationTimeInMinutes < timeout))
    faults.push([
      'escalationTimeInMinutes',
      `It must be from 5 to less than the ${timeout} minutes of the stage, not ${escalationTimeInMinutes}.`,
    ])
  if (stage.fallbackPrimaryApprovers?.length && !primaryApprovers.some(isManager))
    faults.push([
      'fallbackPrimaryApprovers',
      'A fallback stands in for a manager: name requestorManager among the primaryApprovers.',
    ])
  if (
    new Set([...approverUsers(listsOf(stage).flat())]).size < (stage.approvalsRequired ?? 1) &&
    onlyPeople(stage)
  )
    faults.push(['approvalsRequired', 'More people must approve than are named.'])
  if (stage.timeOutAction === 'Approve' && isPrivileged)
    faults.push(['timeOutAction', 'A privileged role is never approved by silence: it must be Deny.'])
  return faults
}

const onlyPeople = (stage: StageRule) => {
  const named = listsOf(stage).flat()
  return named.length > 0 && named.every((each) => each['@odata.type'] === '#microsoft.graph.singleUser')
}
