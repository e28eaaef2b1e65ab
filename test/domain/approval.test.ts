import { describe, expect, test } from 'vitest'
import { openStages, Review } from '../../src/domain/approval.ts'
import type { StageDemand } from '../../src/domain/approval-demand.ts'
import { begin, stageTimes, withVote } from '../../src/domain/approval-progress.ts'
import { approverKey } from '../../src/domain/approver.ts'
import { nextStep } from '../../src/domain/next-step.ts'
import { approversGroup, grace, group, user } from '../fakes/people.ts'
import { demandFor, pending } from './requests.ts'

const NINE = new Date('2030-01-01T09:00:00.000Z')
const at = (time: string) => new Date(`2030-01-01T${time}Z`)

describe('how long an approval is waited for', () => {
  const times = (more: Partial<StageDemand>, limit: string | null) =>
    stageTimes({ ...demandFor([user(grace.id)]), ...more }, NINE, limit ? at(limit) : null)
  test.each<[string, Partial<StageDemand>, string | null, object]>([
    ['as long as the settings say', {}, null, { remindAt: '11:00:00.000', pendingUntil: '13:00:00.000' }],
    [
      'the shortest there is',
      { timeoutMinutes: 5 },
      null,
      { remindAt: '09:02:30.000', pendingUntil: '09:05:00.000' },
    ],
    ['not longer than it is of use', {}, '09:55', { remindAt: '09:27:30.000', pendingUntil: '09:55:00.000' }],
    [
      'a limit later than that changes nothing',
      { timeoutMinutes: 60 },
      '19:55',
      { remindAt: '09:30:00.000', pendingUntil: '10:00:00.000' },
    ],
    ['reminded as often as the settings say', { remindEveryMinutes: 15 }, null, { remindAt: '09:15:00.000' }],
    ['not reminded where it is over before', { remindEveryMinutes: 300 }, null, { remindAt: null }],
    ['escalated when the settings say', { escalateAfterMinutes: 200 }, null, { escalateAt: '12:20:00.000' }],
    ['cut short, escalated halfway', { escalateAfterMinutes: 200 }, '09:30', { escalateAt: '09:15:00.000' }],
    ['never escalated', {}, null, { escalateAt: null }],
  ])('%s', (_name, more, limit, expected) => {
    const said = Object.fromEntries(
      Object.entries(expected).map(([key, time]) => [key, time && `2030-01-01T${time}Z`]),
    )
    expect(times(more, limit)).toMatchObject(said)
  })
})

describe('stages', () => {
  const two = [demandFor([user('a')]), demandFor([user('b')])]
  const vote = (by: string, stages: number[]) => ({
    reviewedBy: { id: by, displayName: by },
    reviewedDateTime: at('10:00').toISOString(),
    justification: 'yes',
    via: 'api' as const,
    stages,
    once: true,
  })
  test('one after the other: the second begins, with its own time, when the first is complete', () => {
    const begun = begin({ mode: 'Serial', stages: two }, NINE, null)
    expect(openStages(begun)).toEqual([0])
    const first = withVote(begun, vote('a', [0]), at('10:00'))
    expect(first).toMatchObject({ isComplete: false, approval: { news: { what: 'advanced', stages: [1] } } })
    expect(openStages(first.approval)).toEqual([1])
    expect(first.approval.pendingUntil).toBe('2030-01-01T14:00:00.000Z')
    expect(withVote(first.approval, vote('b', [1]), at('11:00')).isComplete).toBe(true)
  })

  test('side by side: both begin at once, and in either order both are needed', () => {
    const begun = begin({ mode: 'Parallel', stages: two }, NINE, null)
    expect(openStages(begun)).toEqual([0, 1])
    const first = withVote(begun, vote('b', [1]), at('10:00'))
    expect(first).toMatchObject({ isComplete: false, approval: { news: { what: 'voted', stages: [0] } } })
    expect(withVote(first.approval, vote('a', [0]), at('11:00')).isComplete).toBe(true)
  })

  test('whose time would go beyond the use of it end when that does', () => {
    const begun = begin({ mode: 'Serial', stages: two }, NINE, at('11:05'))
    const first = withVote(begun, vote('a', [0]), at('10:00'))
    expect(first.approval.pendingUntil).toBe('2030-01-01T11:00:00.000Z')
  })

  test.each([
    ['escalates before it reminds of the same instant', '11:00', 'escalate'],
    ['gives up before all else', '13:00', 'timeOut'],
    ['waits for what is next', '09:30', 'wait'],
  ])('%s', (_name, time, what) => {
    const stage = { ...demandFor([user('a')], [user('b')]), escalateAfterMinutes: 120 }
    const approval = begin({ mode: 'Serial', stages: [stage] }, NINE, null)
    expect(nextStep({ ...pending, approval }, at(time)).do).toBe(what)
  })
})

test('approvers are known by one key each', () => {
  expect(
    [
      user(grace.id),
      group(approversGroup),
      { '@odata.type': '#microsoft.graph.requestorManager' as const, managerLevel: 2 },
      { '@odata.type': '#interim.scopeOwners' as const },
      { '@odata.type': '#interim.roleHolders' as const },
    ].map(approverKey),
  ).toEqual([`user-${grace.id}`, `group-${approversGroup}`, 'manager-2', 'owners', 'holders-same'])
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
