import { approverGroups, approverUsers } from '../domain/approver.ts'
import { approverLists, approvingGroups } from '../domain/approver-lists.ts'
import { type Rule, rulesFaults } from '../domain/role-settings.ts'
import type { Ports } from '../ports.ts'
import { Refused } from './refused.ts'

const onCallGroupsOf = (rules: readonly Rule[]) =>
  rules.flatMap((rule) =>
    rule.id === 'Approval_EndUser_Assignment'
      ? (rule.setting.autoApproval ?? []).flatMap(({ onCallGroupId }) => onCallGroupId ?? [])
      : [],
  )

/** Throws 400 with everything that is wrong with these rules, approvers and groups who are not in the directory included. */
export async function refuseFaults(
  { directory }: Ports,
  rules: readonly Rule[],
  isPrivileged?: boolean,
): Promise<void> {
  const faults: { code: string; target: string; message: string }[] = rulesFaults(rules, isPrivileged)
  const missing = (field: string, what: string) =>
    faults.push({
      code: 'InvalidPolicy',
      target: `Approval_EndUser_Assignment.setting.${field}`,
      message: `There is no ${what} in the directory.`,
    })
  for (const [field, approvers] of approverLists(rules)) {
    for (const id of approverUsers(approvers))
      if (!(await directory.person(id))) missing(field, `approver ${id}`)
    for (const id of approverGroups(approvers))
      if (!(await directory.group(id))) missing(field, `approver ${id}`)
  }
  for (const id of onCallGroupsOf(rules))
    if (!(await directory.group(id))) missing('autoApproval', `group ${id}`)
  const [first] = faults
  if (first) throw new Refused(400, first.code, first.message, { details: faults })
}

export async function noteApprovers({ views }: Ports, rules: readonly Rule[]): Promise<void> {
  await views.noteGroups(approvingGroups(rules))
}
