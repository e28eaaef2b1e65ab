import { describe, expect, test } from 'vitest'
import type { Decision } from '../../src/domain/approval.ts'
import { decided, reminded, timedOut } from '../../src/domain/approval-steps.ts'
import { guardKey, inTurn, isOpen, mayHold, type Request, type Status } from '../../src/domain/request.ts'
import {
  ALARMING_ATTEMPTS,
  canceled,
  ended,
  endingBegun,
  failed,
  intended,
  opened,
  provisioned,
  removalDelayed,
} from '../../src/domain/request-steps.ts'
import { ada, grace } from '../fakes/people.ts'
import { beingGiven, beingTaken, granted, held, ID, pending } from './requests.ts'

const TEN = new Date('2030-01-01T10:00:00.000Z')
const ELEVEN = new Date('2030-01-01T11:00:00.000Z')
const window = { start: TEN, end: ELEVEN }
const decision = (reviewResult: Decision['reviewResult']): Decision => ({
  reviewResult,
  reviewedBy: { id: grace.id, displayName: grace.displayName },
  reviewedDateTime: TEN.toISOString(),
  justification: 'looked at it',
  via: 'api',
})

describe('each step leads to one status, and leaves its events', () => {
  test.each([
    ['asked, without an approval', opened({ ...granted, approval: null }), 'Granted', ['requested']],
    ['asked, with one', opened(pending), 'PendingApproval', ['requested', 'approval-requested']],
    ['approved', decided(pending, decision('Approved'), window), 'Granted', ['decided']],
    ['denied', decided(pending, decision('Denied'), null), 'Denied', ['decided']],
    ['canceled', canceled(pending, ada, TEN), 'Canceled', ['canceled']],
    ['reminded', reminded(pending, [0], TEN, new Map()), 'PendingApproval', ['reminded-2']],
    ['not decided', timedOut(pending, TEN), 'TimedOut', ['timed-out']],
    ['about to be given', intended(granted, null, 'attempt-1', TEN), 'PendingProvisioning', []],
    ['given', provisioned(beingGiven, 'assignment-1', false, TEN), 'Provisioned', ['provisioned']],
    [
      'refused before anything was given',
      failed(granted, { code: 'X', message: 'y' }, TEN),
      'Failed',
      ['failed'],
    ],
    [
      'refused when something may have been given',
      failed(beingGiven, { code: 'X', message: 'y' }, TEN),
      'PendingRevocation',
      [],
    ],
    ['given back', endingBegun(held, 'deactivated', ada, TEN), 'PendingRevocation', ['deactivate-requested']],
    ['not gone yet', removalDelayed(held, 'away', ELEVEN, TEN), 'PendingRevocation', []],
    ['gone at its end', ended(held, 'expired', ada, ELEVEN), 'Expired', ['ended']],
    ['gone before its end', ended(held, 'deactivated', ada, TEN), 'Revoked', ['ended']],
    [
      'gone after a refusal',
      ended({ ...beingTaken, failure: { code: 'X', message: 'y' } }, 'failed', ada, TEN),
      'Failed',
      ['failed'],
    ],
  ])('%s', (_name, { request, events }, status, steps) => {
    expect(request.status).toBe(status)
    expect(events.map(({ id }) => id)).toEqual(steps.map((step) => `${ID}.${step}`))
    expect(request.completedDateTime !== null).toBe(!isOpen(request))
  })
})

test('an approval counts the time from itself', () => {
  const { request } = decided(pending, decision('Approved'), window)
  expect([request.startsAt, request.endsAt]).toEqual([TEN.toISOString(), ELEVEN.toISOString()])
})

test('events say who, what, why and for whom, and correlate by the request', () => {
  const [event] = decided(pending, decision('Approved'), window).events
  expect(event).toMatchObject({
    activityDisplayName: 'Add member to role request approved (PIM activation)',
    activityDateTime: TEN.toISOString(),
    initiatedBy: { id: grace.id },
    principal: { id: ada.id },
    role: { displayName: 'Exchange Administrator', scope: '/' },
    resultReason: 'looked at it',
    result: 'success',
    correlationId: ID,
    additionalDetails: [{ key: 'via', value: 'api' }],
  })
})

test('a removal that fails is told once, at the attempt that alarms', () => {
  let request: Request = held
  const told: number[] = []
  for (let attempt = 1; attempt <= 10; attempt++) {
    const step = removalDelayed(request, 'away', ELEVEN, TEN)
    request = step.request
    if (step.events.length > 0) told.push(attempt)
  }
  expect(told).toEqual([ALARMING_ATTEMPTS])
  expect(request.ending).toMatchObject({ attempts: 10, lastError: 'away', because: 'expired' })
})

test.each([
  ['on time', '2030-01-01T11:00:01.000Z', undefined],
  ['exactly a minute late', '2030-01-01T11:01:00.000Z', undefined],
  ['more than a minute late', '2030-01-01T11:01:00.001Z', '2030-01-01T11:00:00.000Z'],
])('an end %s', (_name, at, pastDue) => {
  const [event] = ended(held, 'expired', ada, new Date(at)).events
  expect(event?.additionalDetails.find(({ key }) => key === 'pastDue')?.value).toBe(pastDue)
})

test('what was there before is recorded as staying', () => {
  const { request } = provisioned(beingGiven, 'assignment-7', true, TEN)
  expect(request.grant?.preExisting).toBe('assignment-7')
  const [event] = ended(request, 'expired', ada, ELEVEN).events
  expect(event?.additionalDetails).toContainEqual({ key: 'removed', value: 'no: it was there before' })
})

test.each([
  [1, 5, 5],
  [5, 5, 5],
  [7, 5, 7],
])('a request in turn %i, asked into turn %i, is in turn %i', (from, to, turn) => {
  expect(inTurn({ ...held, turn: from }, to)).toEqual({ ...held, turn })
})

test.each<[Status, boolean, boolean]>([
  ['PendingApproval', true, false],
  ['Granted', true, false],
  ['PendingProvisioning', true, true],
  ['Provisioned', true, true],
  ['PendingRevocation', true, true],
  ['Expired', false, false],
  ['Revoked', false, false],
  ['Denied', false, false],
  ['Canceled', false, false],
  ['TimedOut', false, false],
  ['Failed', false, false],
])('%s: open %s, may hold the role %s', (status, open, holds) => {
  expect([isOpen({ ...held, status }), mayHold({ ...held, status })]).toEqual([open, holds])
})

test('the guard of a request is its role at its scope, whatever the case of letters', () => {
  expect(guardKey({ ...held, scope: '/administrativeUnits/ABC' })).toBe(
    guardKey({ ...held, scope: '/administrativeunits/abc' }),
  )
})
