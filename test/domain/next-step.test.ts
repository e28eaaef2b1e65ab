import { describe, expect, test } from 'vitest'
import { reminded as remind } from '../../src/domain/approval-steps.ts'
import { attentionAt, nextStep, removalRetryAt } from '../../src/domain/next-step.ts'
import type { Request, Status } from '../../src/domain/request.ts'
import { beingGiven, beingTaken, granted, held, pending } from './requests.ts'

const { request: reminded } = remind(pending, [0], new Date('2030-01-01T11:00:00.000Z'), new Map())

type Case = [name: string, request: Request, at: string, what: string, until?: string]
test.each<Case>([
  ['pending, just asked', pending, '09:00:00.000', 'wait', '11:00:00.000'],
  ['pending, more than a second before the reminder', pending, '10:59:58.999', 'wait', '11:00:00.000'],
  ['pending, a timer a second early', pending, '10:59:59.000', 'remind'],
  ['pending, at the reminder', pending, '11:00:00.000', 'remind'],
  ['pending, reminder slept through', pending, '12:30:00.000', 'remind'],
  ['pending, reminded', reminded, '11:00:00.000', 'wait', '13:00:00.000'],
  ['pending, reminded, over in a moment', reminded, '12:59:59.000', 'timeOut'],
  ['pending, over', reminded, '13:00:00.000', 'timeOut'],
  ['pending, over without a reminder', pending, '13:00:00.000', 'timeOut'],
  ['granted, its start ahead', granted, '09:30:00.000', 'wait', '10:00:00.000'],
  ['granted, a timer a second early', granted, '09:59:59.000', 'grant'],
  ['granted, more than a second early', granted, '09:59:58.999', 'wait', '10:00:00.000'],
  ['granted, its start past', granted, '10:30:00.000', 'grant'],
  ['granted, even its end past', granted, '12:00:00.000', 'grant'],
  ['being given, after a crash', beingGiven, '10:00:30.000', 'grant'],
  ['held', held, '10:30:00.000', 'wait', '11:00:00.000'],
  ['held, a timer a second early', held, '10:59:59.000', 'remove'],
  ['held, at its end', held, '11:00:00.000', 'remove'],
  ['held, long past its end', held, '23:00:00.000', 'remove'],
  ['being taken, before the next attempt', beingTaken, '11:00:30.000', 'wait', '11:01:00.000'],
  ['being taken, at the next attempt', beingTaken, '11:01:00.000', 'remove'],
])('%s', (_name, request, at, what, until) => {
  const next = nextStep(request, new Date(`2030-01-01T${at}Z`))
  expect(next.do).toBe(what)
  if (until) expect(next).toEqual({ do: 'wait', until: new Date(`2030-01-01T${until}Z`) })
})

const OVER: Status[] = ['Expired', 'Revoked', 'Denied', 'Canceled', 'TimedOut', 'Failed']
describe.each(OVER)('%s', (status) => {
  test.each(['09:00', '11:00', '23:59'])('needs nothing at %s', (at) => {
    expect(nextStep({ ...held, status }, new Date(`2030-01-01T${at}:00Z`))).toEqual({ do: 'nothing' })
  })
})

test.each([
  [0, '11:00:10'],
  [1, '11:00:20'],
  [2, '11:00:40'],
  [6, '11:10:40'],
  [7, '11:15:00'],
  [2000, '11:15:00'],
])('after %i attempts the next removal is tried at %s', (attempts, at) => {
  expect(removalRetryAt(attempts, new Date('2030-01-01T11:00:00Z'))).toEqual(new Date(`2030-01-01T${at}Z`))
})

test.each([
  ['when its workflow should have acted', held, '10:30:00', '11:00:00'],
  ['not within a minute of something that is due now', held, '11:00:00', '11:01:00'],
  ['not within a minute of something due in a moment', held, '10:59:30', '11:00:30'],
])('the sweep looks %s', (_name, request, now, at) => {
  expect(attentionAt(request, new Date(`2030-01-01T${now}Z`))).toEqual(new Date(`2030-01-01T${at}Z`))
})

test.each([
  ['the first time just then', 0, 3, '11:00:04'],
  ['the first time just then, however long', 0, 1800, '11:30:01'],
  ['then not before, nor sooner than without', 2, 3, '11:00:40'],
  ['then not before', 2, 90, '11:01:31'],
])('who asks us to wait is asked again: %s', (_, attempts, seconds, at) => {
  const now = new Date('2030-01-01T11:00:00Z')
  expect(removalRetryAt(attempts, now, false, seconds)).toEqual(new Date(`2030-01-01T${at}Z`))
})
