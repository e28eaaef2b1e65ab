import { groups, people, roles } from '../tenant/seed.ts'
import { personApproves, rulesFor } from './rules.ts'
import type { Stage } from './stage.ts'
import type { Teller } from './tell.ts'

const group = groups.tierZero
const role = roles.globalReader

/** A group is assigned a role; Ada, who may become a member of it, has the role for as long as she is one. */
export async function tellOfGroup(stage: Stage, tell: Teller): Promise<void> {
  const { as, must, passes } = stage
  const member = { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${group.id}` }
  const isMember = stage.membership(people.ada, group)
  const holdsItsRole = stage.role(people.ada, role.displayName)
  const groupHolds = stage.role(group, role.displayName)

  tell.next(`Groups: Katherine assigns ${role.displayName} to ${group.displayName}, for a month.`)
  const assignment = await must(
    201,
    as('katherine', 'POST', '/api/requests', {
      action: 'adminAssign',
      principalId: group.id,
      roleDefinitionId: role.id,
      justification: 'Operators look before they touch.',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P30D' } },
    }),
  )
  await stage.readBack([[groupHolds, true]], assignment, 'katherine')

  tell.next('Alan owns the group: he makes Ada eligible to become a member. Grace approves.')
  const settings = `/api/roles/member/settings?provider=group&scope=${member.scope}`
  const approval = { approvers: [personApproves(people.grace.id)] }
  await must(200, as('alan', 'PATCH', settings, { rules: rulesFor({ approval }) }))
  const halfAYear = { expiration: { type: 'afterDuration', duration: 'P180D' } }
  const eligibility = { ...member, principalId: people.ada.id, scheduleInfo: halfAYear }
  await must(201, as('alan', 'POST', '/api/eligibilities', eligibility))
  const request = await must(
    201,
    as('ada', 'POST', '/api/requests', {
      action: 'selfActivate',
      ...member,
      justification: 'INC-4713: who changed the policy?',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT2H' } },
    }),
  )
  await stage.readBack(
    [
      [isMember, false],
      [holdsItsRole, false],
    ],
    request,
  )

  tell.next('Grace approves: Ada is in the group, and has what the group has.')
  const yes = { reviewResult: 'Approve', justification: 'Have a look.' }
  await must(200, as('grace', 'POST', `/api/approvals/${request.id}`, yes))
  await stage.readBack(
    [
      [isMember, true],
      [holdsItsRole, true],
    ],
    request,
  )

  tell.next('Two hours later she is out of it, and the role is gone with it. The group keeps it.')
  await passes('PT2H')
  await stage.readBack(
    [
      [isMember, false],
      [holdsItsRole, false],
      [groupHolds, true],
    ],
    request,
  )
}
