import { describe, expect, test } from 'vitest'
import { approvalTimes, approverKey, mayDecide, Review } from '../../src/domain/approval.ts'
import type { ApprovalDemand, Approver } from '../../src/domain/role-settings.ts'
import { ada, approversGroup, engineers, grace, group, linus, mallory, user } from '../fakes/people.ts'
import { pending } from './requests.ts'

const waitingFor = (...approvers: Approver[]) => ({
  ...pending,
  approval: pending.approval && { ...pending.approval, approvers },
})
const MEMBERS: Record<string, string[]> = {
  [approversGroup]: [grace.id, linus.id, ada.id],
  [engineers]: [ada.id],
}
const memberOf = (id: string) => (groups: readonly string[]) =>
  groups.some((groupId) => MEMBERS[groupId]?.includes(id))

describe('who may decide', () => {
  const G = group(approversGroup)
  test.each<[name: string, who: string, then: Approver[], now: Approver[], may: boolean]>([
    ['the approver, then and now', grace.id, [user(grace.id)], [user(grace.id)], true],
    ['the approver then, not any more', grace.id, [user(grace.id)], [user(linus.id)], false],
    ['an approver only since', linus.id, [user(grace.id)], [user(grace.id), user(linus.id)], false],
    ['a stranger', mallory.id, [user(grace.id)], [user(grace.id)], false],
    ['a member of the group, then and now', linus.id, [G], [G], true],
    ['named as a person then, through a group now', grace.id, [user(grace.id)], [G], true],
    ['through a group then, as a person now', grace.id, [G], [user(grace.id)], true],
    ['a stranger to the group', mallory.id, [G], [G], false],
    ['the requester, named as a person', ada.id, [user(ada.id)], [user(ada.id)], false],
    ['the requester, through a group', ada.id, [G], [G], false],
    ['somebody, where nobody is asked any more', grace.id, [user(grace.id)], [], false],
    ['somebody, where nobody was ever asked', grace.id, [], [user(grace.id)], false],
  ])('%s: %#', (_name, who, then, now, may) => {
    expect(mayDecide(waitingFor(...then), who, now, memberOf(who))).toBe(may)
  })

  test('nobody decides a request that asks for no approval', () => {
    expect(mayDecide({ ...pending, approval: null }, grace.id, [user(grace.id)], () => true)).toBe(false)
  })
})

describe('how long an approval is waited for', () => {
  const demand = (timeoutMinutes: number): ApprovalDemand => ({
    approvers: [user(grace.id)],
    timeoutMinutes,
    justification: true,
    byLink: false,
  })
  const NINE = new Date('2030-01-01T09:00:00.000Z')
  test.each([
    ['as long as the settings say', 240, null, '11:00:00.000', '13:00:00.000'],
    ['the shortest there is', 5, null, '09:02:30.000', '09:05:00.000'],
    ['not longer than it is of use', 240, '2030-01-01T10:00:00.000Z', '09:27:30.000', '09:55:00.000'],
    [
      'a fixed end later than that changes nothing',
      60,
      '2030-01-02T10:00:00.000Z',
      '09:30:00.000',
      '10:00:00.000',
    ],
  ])('%s', (_name, minutes, fixedEnd, remindAt, pendingUntil) => {
    expect(approvalTimes(demand(minutes), NINE, fixedEnd ? new Date(fixedEnd) : null)).toEqual({
      remindAt: `2030-01-01T${remindAt}Z`,
      pendingUntil: `2030-01-01T${pendingUntil}Z`,
    })
  })
})

test('approvers are listed under one key each', () => {
  expect([user(grace.id), group(approversGroup)].map(approverKey)).toEqual([
    `user-${grace.id}`,
    `group-${approversGroup}`,
  ])
})

test.each([
  ['an answer', { reviewResult: 'Approve', justification: 'yes' }, true],
  ['an answer without a reason', { reviewResult: 'Deny' }, true],
  ['another verb', { reviewResult: 'approve' }, false],
  ['none', {}, false],
  ['somebody else’s name', { reviewResult: 'Approve', reviewedBy: { id: 'x' } }, false],
  ['a reason that is too long', { reviewResult: 'Approve', justification: 'x'.repeat(1001) }, false],
])('%s as a review', (_name, body, accepted) => {
  expect(Review.safeParse(body).success).toBe(accepted)
})
