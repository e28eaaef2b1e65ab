import { describe, expect, test } from 'vitest'
import { AutoApproval, WorkingHours } from '../../src/domain/approval-rule.ts'
import { automaticApproval } from '../../src/domain/auto-approval.ts'
import { fitsPattern, TicketPattern } from '../../src/domain/ticket.ts'
import { engineers } from '../fakes/people.ts'

const condition = (more: object) => AutoApproval.parse({ description: 'because', ...more })
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
const hours = (from: string, until: string, days = weekdays, timeZone = 'Europe/Berlin') => ({
  workingHours: { timeZone, days, from, until },
})
const passes = (
  more: object,
  facts: { at?: string; minutes?: number; ticket?: boolean; groups?: string[] } = {},
) => {
  const start = new Date(facts.at ?? '2030-01-02T09:00:00Z')
  return (
    automaticApproval([[condition(more)]], {
      start,
      end: new Date(start.getTime() + (facts.minutes ?? 60) * 60_000),
      hasTicket: facts.ticket ?? false,
      memberOf: facts.groups ?? [],
    }) !== null
  )
}

describe('approved at once', () => {
  test.each<[string, object, Parameters<typeof passes>[1], boolean]>([
    ['short enough', { maximumDuration: 'PT1H' }, { minutes: 60 }, true],
    ['a minute too long', { maximumDuration: 'PT1H' }, { minutes: 61 }, false],
    ['on call', { onCallGroupId: engineers }, { groups: [engineers] }, true],
    ['not on call', { onCallGroupId: engineers }, {}, false],
    ['with a valid ticket', { isTicketRequired: true }, { ticket: true }, true],
    ['without one', { isTicketRequired: true }, {}, false],
    ['one of two conditions', { isTicketRequired: true, maximumDuration: 'PT1H' }, { minutes: 30 }, false],
    ['both', { isTicketRequired: true, maximumDuration: 'PT1H' }, { minutes: 30, ticket: true }, true],
    ['in winter, at eight there', hours('08:00', '18:00'), { at: '2030-01-02T07:00:00Z' }, true],
    ['in winter, a minute before', hours('08:00', '18:00'), { at: '2030-01-02T06:59:00Z' }, false],
    ['in summer, at eight there', hours('08:00', '18:00'), { at: '2030-07-03T06:00:00Z' }, true],
    ['at the end of the day', hours('08:00', '18:00'), { at: '2030-01-02T17:00:00Z' }, false],
    ['on a Sunday', hours('08:00', '18:00'), { at: '2030-01-06T09:00:00Z' }, false],
    ['till midnight', hours('08:00', '24:00'), { at: '2030-01-02T22:30:00Z', minutes: 30 }, true],
    ['a minute past midnight', hours('08:00', '24:00'), { at: '2030-01-02T22:30:00Z', minutes: 31 }, false],
    ['to the end of the day', hours('08:00', '18:00'), { at: '2030-01-02T16:00:00Z', minutes: 60 }, true],
    ['begun before the evening, into it', hours('08:00', '18:00'), { at: '2030-01-02T16:59:00Z' }, false],
    [
      'from one working day far into the next',
      hours('08:00', '18:00'),
      { at: '2030-01-02T09:00:00Z', minutes: 24 * 60 },
      false,
    ],
    [
      'round the clock, over two midnights',
      hours('00:00', '24:00'),
      { at: '2030-01-02T09:00:00Z', minutes: 48 * 60 },
      true,
    ],
    [
      'round the clock, into the day off',
      hours('00:00', '24:00'),
      { at: '2030-01-04T22:00:00Z', minutes: 61 },
      false,
    ],
    [
      'round the clock, the other way of saying so',
      hours('08:00', '08:00'),
      { at: '2030-01-02T06:00:00Z', minutes: 24 * 60 },
      true,
    ],
    [
      'over the night in which the clocks go forward',
      hours('22:00', '06:00', ['saturday']),
      { at: '2030-03-30T21:00:00Z', minutes: 7 * 60 },
      true,
    ],
    [
      'and an hour longer, which that night has not',
      hours('22:00', '06:00', ['saturday']),
      { at: '2030-03-30T21:00:00Z', minutes: 8 * 60 },
      false,
    ],
    [
      'over midnight, on the morning after a day of work',
      hours('22:00', '06:00'),
      { at: '2030-01-05T04:00:00Z' },
      true,
    ],
    [
      'over midnight, on the morning after a day off',
      hours('22:00', '06:00'),
      { at: '2030-01-07T04:00:00Z' },
      false,
    ],
  ])('%s', (_name, more, facts, expected) => {
    expect(passes(more, facts)).toBe(expected)
  })

  test('by two settings at once: both must let it pass; by none: nothing does', () => {
    const facts = { start: new Date(0), end: new Date(60_000), hasTicket: false, memberOf: [] }
    const short = condition({ maximumDuration: 'PT1H' })
    const ticket = condition({ isTicketRequired: true })
    expect(automaticApproval([], facts)).toBeNull()
    expect(automaticApproval([[ticket, short]], facts)).toEqual(short)
    expect(automaticApproval([[short], [ticket]], facts)).toBeNull()
  })

  test.each([
    ['without any condition', { description: 'always' }],
    ['without words', { description: ' ', maximumDuration: 'PT1H' }],
    ['in no time zone', { description: 'x', ...hours('08:00', '18:00', weekdays, 'Europe/Nowhere') }],
    [
      'by an offset, which knows no summer',
      { description: 'x', ...hours('08:00', '18:00', weekdays, '+01:00') },
    ],
    ['at 25 o’clock', { description: 'x', ...hours('25:00', '18:00') }],
    ['on no day', { description: 'x', ...hours('08:00', '18:00', []) }],
  ])('%s is not read', (_name, body) => {
    expect(AutoApproval.safeParse(body).success).toBe(false)
    expect(WorkingHours.safeParse(body).success).toBe(false)
  })
})

describe('what a ticket looks like', () => {
  test.each([
    ['INC\\d{4,8}', 'INC0042', true],
    ['INC\\d{4,8}', ' INC0042 ', true],
    ['INC\\d{4,8}', 'XINC0042', false],
    ['INC\\d{4,8}', 'INC0042; drop', false],
    ['INC|CHG\\d+', 'CHG1', true],
  ])('%s and %s', (pattern, number, fits) => {
    expect(TicketPattern.safeParse(pattern).success).toBe(true)
    expect(fitsPattern(number, pattern)).toBe(fits)
  })

  test.each([
    ['no expression', '(', 'regular expression'],
    ['a repetition of what repeats', '(a+)+', 'repeat a group'],
    ['a repetition of alternatives', '(a|aa){2,}', 'repeat a group'],
    ['looking ahead', '(?=a)b', 'look ahead'],
    ['looking back', '(?<=a)b', 'look ahead'],
    ['a back reference', '(a)\\1', 'refer back'],
    ['many open repetitions', '.*a.*b.*c.*', 'three'],
    ['many repetitions with an end', 'a{0,99}'.repeat(5), 'so much open'],
    ['many options', 'a?'.repeat(40), 'so much open'],
    ['many alternatives', '(a|a)'.repeat(40), 'so much open'],
    ['alternatives within alternatives', `${'(?:a|'.repeat(33)}${')'.repeat(33)}`, 'so much open'],
  ])('%s is refused', (_name, pattern, why) => {
    expect(TicketPattern.safeParse(pattern).error?.issues[0]?.message).toContain(why)
  })
})
