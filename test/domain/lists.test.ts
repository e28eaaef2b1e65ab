import { describe, expect, test } from 'vitest'
import { decided, reminded } from '../../src/domain/approval-steps.ts'
import { auditKeys } from '../../src/domain/audit.ts'
import { leftForTheGrant, noticeOf } from '../../src/domain/notice.ts'
import {
  heldKey,
  listedAfterChange,
  listedAtRest,
  listedByNow,
  verifyDue,
} from '../../src/domain/open-work.ts'
import type { Request } from '../../src/domain/request.ts'
import { opened } from '../../src/domain/request-steps.ts'
import { ada, approversGroup, grace, group, user } from '../fakes/people.ts'
import { beingGiven, beingTaken, granted, held, pending, waitingFor } from './requests.ts'

const TEN = new Date('2030-01-01T10:00:00.000Z')
const over = (more: Partial<Request> = {}): Request => ({
  ...held,
  status: 'Expired',
  completedDateTime: '2030-01-01T11:00:02.000Z',
  ...more,
})

describe('where a request is listed', () => {
  test('after a change: under its approvers, each once, and for the sweep a minute later', () => {
    const approvers = [user(grace.id), user(grace.id), group(approversGroup)]
    expect(listedAfterChange({ ...pending, approval: waitingFor(approvers) }, TEN)).toEqual({
      awaiting: [`user-${grace.id}`, `group-${approversGroup}`, heldKey(pending)],
      due: '2030-01-01T10:01:00.000Z',
    })
  })
  test.each<[string, Request, string | null, number]>([
    ['pending: a minute after the reminder is due', pending, '2030-01-01T11:01:00.000Z', 2],
    ['granted: at its start, but not within a minute', granted, '2030-01-01T10:01:00.000Z', 1],
    ['being given: in a minute', beingGiven, '2030-01-01T10:01:00.000Z', 2],
    ['held: at its end', held, '2030-01-01T11:00:00.000Z', 2],
    ['held for good: never by the sweep', { ...held, endsAt: null }, null, 2],
    ['being taken: a minute after the next attempt', beingTaken, '2030-01-01T11:02:00.000Z', 2],
    ['over, and every call was answered: never', over(), null, 0],
    [
      'over, and a call was never answered: once more, two minutes later',
      over({ grant: { ...(held.grant as NonNullable<Request['grant']>), unanswered: true } }),
      '2030-01-01T11:02:02.000Z',
      0,
    ],
    ['over, and nothing was ever given: never', over({ grant: null }), null, 0],
    [
      'over, and it was there before: never',
      over({ grant: { ...(held.grant as NonNullable<Request['grant']>), preExisting: 'x' } }),
      null,
      0,
    ],
    ['over, and looked at since: never', over({ completedDateTime: '2030-01-01T09:58:00.000Z' }), null, 0],
  ])('at rest, %s', (_name, request, due, awaiting) => {
    const listed = listedAtRest(request, TEN)
    expect(listed.due).toBe(due)
    expect(listed.awaiting).toHaveLength(awaiting)
  })
  test('what may be held because of us is listed where it may be, for drift', () => {
    for (const request of [beingGiven, held, beingTaken])
      expect(listedAtRest(request, TEN).awaiting).toContain('held|directory|~')
  })
  test('what is open is never off the list of the sweep', () => {
    for (const request of [pending, granted, beingGiven, held, beingTaken]) {
      expect(listedAtRest(request, new Date('2031-01-01T00:00:00Z')).due).not.toBeNull()
      expect(verifyDue(request)).toBeNull()
    }
  })
})

describe('what people are told', () => {
  const decision = {
    reviewedBy: grace,
    reviewedDateTime: TEN.toISOString(),
    justification: null,
    via: 'api',
  } as const
  test.each<[string, Request, string | null]>([
    ['asked', pending, 'approvalRequested'],
    ['reminded', reminded(pending, [0], TEN, new Map()).request, 'approvalReminder'],
    [
      'approved',
      decided(pending, { ...decision, reviewResult: 'Approved' }, { start: TEN, end: TEN }).request,
      'decided',
    ],
    ['denied', decided(pending, { ...decision, reviewResult: 'Denied' }, null).request, 'decided'],
    ['granted without an approval', { ...granted, approval: null }, null],
    ['about to be given', beingGiven, null],
    ['given', held, 'activated'],
    ['not gone at the second attempt', beingTaken, null],
    [
      'not gone at the fourth',
      { ...beingTaken, ending: { ...(beingTaken.ending as NonNullable<Request['ending']>), attempts: 4 } },
      'removalFailing',
    ],
    [
      'not gone at the fifth',
      { ...beingTaken, ending: { ...(beingTaken.ending as NonNullable<Request['ending']>), attempts: 5 } },
      null,
    ],
    ['over', over(), 'ended'],
    ['given back', over({ status: 'Revoked' }), 'ended'],
    ['canceled', over({ status: 'Canceled' }), 'canceled'],
    ['not decided', over({ status: 'TimedOut' }), 'timedOut'],
    ['failed', over({ status: 'Failed' }), 'failed'],
  ])('%s', (_name, request, kind) => expect(noticeOf(request)).toBe(kind))
})

describe('what the grant that follows at once tells with its own news', () => {
  const decision = {
    reviewResult: 'Approved',
    reviewedBy: grace,
    reviewedDateTime: TEN.toISOString(),
    justification: null,
    via: 'api',
  } as const
  const approved = decided(pending, decision, { start: TEN, end: new Date('2030-01-01T11:00:00Z') })
  const unapproved = { ...granted, approval: null, createdDateTime: TEN.toISOString() }
  const left = (request: Request, seconds = 0) =>
    leftForTheGrant(request, new Date(TEN.getTime() + seconds * 1000))

  test('a decision, in the very words in which it was written down', () => {
    expect(left(approved.request)).toEqual(approved.events)
    expect(left({ ...approved.request, status: 'PendingProvisioning' }, 59)).toEqual(approved.events)
  })
  test('a request that needed none', () => {
    expect(left(unapproved)).toEqual(opened(unapproved).events)
  })
  test.each<[string, Request, number]>([
    ['a minute later: the sweep has told it', approved.request, 60],
    ['one that starts later', { ...approved.request, startsAt: '2030-01-01T10:00:01.000Z' }, 0],
    ['one that waits', pending, 0],
    ['one that was denied', decided(pending, { ...decision, reviewResult: 'Denied' }, null).request, 0],
    ['one that has been given', held, 0],
    ['one that is over', over(), 0],
  ])('but nothing of %s', (_name, request, seconds) => expect(left(request, seconds)).toEqual([]))
})

describe('how a request is listed when somebody comes to change it', () => {
  const listed = { awaiting: ['user-1'], due: '2030-01-01T10:01:00.000Z' }
  test.each<[string, string, string]>([
    ['before the sweep that looks at it: as it was listed last', '10:04:59', '10:01:00'],
    ['after it: as that has listed it', '10:05:00', '11:01:00'],
  ])('%s', (_name, now, due) => {
    const guess = listedByNow({ ...pending, listed }, new Date(`2030-01-01T${now}.000Z`))
    expect(guess.due).toBe(`2030-01-01T${due}.000Z`)
  })
})

test('an event is found by time, by role and by each person in it, once', () => {
  const [event] = reminded(pending, [0], TEN, new Map()).events
  if (!event) throw new Error('none')
  expect(auditKeys(event)).toEqual([
    'all',
    'role|directory|29232cdf-9323-42fd-ade2-1d097af3e4de|~',
    `person|${ada.id}`,
    'person|00000000-0000-0000-0000-000000000000',
  ])
  expect(auditKeys({ ...event, initiatedBy: event.principal })).toHaveLength(3)
})
