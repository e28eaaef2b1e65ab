import { type Approver, approverGroups } from './approver.ts'
import type { Rule } from './rules.ts'

type Lists = [field: string, approvers: readonly Approver[]][]

/** Everybody who is asked by these rules, sooner or later, by the fields that name them. */
export const approverLists = (rules: readonly Rule[]): Lists =>
  rules.flatMap((rule): Lists => {
    if (rule.id !== 'Approval_EndUser_Assignment') return []
    return rule.setting.approvalStages.flatMap(
      (stage, index): Lists =>
        (['primaryApprovers', 'escalationApprovers', 'fallbackPrimaryApprovers'] as const).map((field) => [
          `approvalStages[${index}].${field}`,
          stage[field] ?? [],
        ]),
    )
  })

/** Groups that may approve: the only ones worth asking a person's membership of. */
export const approvingGroups = (rules: readonly Rule[]): string[] =>
  approverLists(rules).flatMap(([, approvers]) => approverGroups(approvers))
