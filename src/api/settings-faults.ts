import { approverGroups } from '../domain/approval.ts'
import { type Rule, rulesFaults } from '../domain/role-settings.ts'
import type { Ports } from '../ports.ts'
import { Refused } from './refused.ts'

/** Who is asked first by these rules. */
const primaryApprovers = (rules: readonly Rule[]) =>
  rules.flatMap((rule) =>
    rule.id === 'Approval_EndUser_Assignment' ? (rule.setting.approvalStages[0]?.primaryApprovers ?? []) : [],
  )

/** Throws 400 with everything that is wrong with these rules, approvers who are not in the directory included. */
export async function refuseFaults({ directory }: Ports, rules: readonly Rule[]): Promise<void> {
  const faults: { code: string; target: string; message: string }[] = rulesFaults(rules)
  for (const approver of primaryApprovers(rules)) {
    const [id, found] =
      approver['@odata.type'] === '#microsoft.graph.singleUser'
        ? [approver.userId, await directory.person(approver.userId)]
        : [approver.groupId, await directory.group(approver.groupId)]
    if (!found)
      faults.push({
        code: 'InvalidPolicy',
        target: 'Approval_EndUser_Assignment.setting.approvalStages[0].primaryApprovers',
        message: `There is no approver ${id} in the directory.`,
      })
  }
  const [first] = faults
  if (first) throw new Refused(400, first.code, first.message, { details: faults })
}

/** Groups that may approve: the only ones worth asking a person's membership of. */
export async function noteApprovers({ views }: Ports, rules: readonly Rule[]): Promise<void> {
  await views.noteGroups(approverGroups(primaryApprovers(rules)))
}
