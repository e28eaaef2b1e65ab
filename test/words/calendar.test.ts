import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendarOf, type Entry } from '../../src/domain/calendar.ts'
import { calendarFeed, folded } from '../../src/words/calendar.ts'
import { withoutOverrides } from '../../src/words/html.ts'
import { granted, held, pending } from '../domain/requests.ts'
import { ada, exchangeRole } from '../fakes/people.ts'
import { contentLines, parseCalendar } from '../support/calendar.ts'
import { HOSTILE } from './hostile.ts'

const NOW = new Date('2030-01-01T09:30:00.000Z')
const entry = (more: Partial<Entry> = {}): Entry => ({
  uid: held.id,
  sequence: 0,
  changedAt: '2030-01-01T09:00:00.000Z',
  kind: 'active',
  start: '2030-01-01T09:00:00.000Z',
  end: '2030-01-01T10:00:00.000Z',
  role: { provider: 'directory', roleName: 'Exchange Administrator', scopeName: 'the whole directory' },
  reason: 'INC-42',
  ...more,
})
const octets = (text: string) => Buffer.byteLength(text)

describe('a calendar', () => {
  test('says what is active, from when to when', () => {
    expect(parseCalendar(calendarFeed([entry()], 'interim.example'))).toEqual([
      {
        UID: `${held.id}@interim.example`,
        DTSTAMP: '20300101T090000Z',
        SEQUENCE: '0',
        DTSTART: '20300101T090000Z',
        DTEND: '20300101T100000Z',
        SUMMARY: 'Active: Exchange Administrator',
        DESCRIPTION: 'Scope: the whole directory\nWhy: INC-42',
        STATUS: 'CONFIRMED',
        TRANSP: 'TRANSPARENT',
        CLASS: 'PRIVATE',
      },
    ])
  })

  test('warns a day before an eligibility ends, and is of one instant then', () => {
    const feed = calendarFeed([entry({ kind: 'eligibleUntil', end: null })], 'interim.example')
    const [event] = parseCalendar(feed)
    expect(event).toMatchObject({ SUMMARY: 'You may no longer activate Exchange Administrator' })
    expect(event).not.toHaveProperty('DTEND')
    expect(contentLines(feed)).toContain('TRIGGER:-P1D')
  })

  test('of nothing is a calendar too', () => {
    const feed = calendarFeed([], 'interim.example')
    expect(parseCalendar(feed)).toEqual([])
    expect(contentLines(feed)).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT1H')
  })

  test.each(HOSTILE)('keeps %s in its place', (_name, text) => {
    const role = { provider: 'group', roleName: 'Member', scopeName: text } as const
    const feed = calendarFeed([entry({ role, reason: text })], 'interim.example')
    const [event, ...more] = parseCalendar(feed)
    expect(more).toEqual([])
    expect(Object.keys(event ?? {})).toHaveLength(10)
    const printable = withoutOverrides(text)
      .replace(/\p{Cs}/gu, '\uFFFD')
      .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\n')
      .replace(/(?![\t\n])\p{Cc}/gu, ' ')
    expect(event?.DESCRIPTION).toBe(`Group: ${printable}\nWhy: ${printable}`)
    for (const line of feed.split('\r\n')) expect(octets(line)).toBeLessThanOrEqual(75)
  })

  test('is read back as it was written, whatever was written', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(anything, anything, (scopeName, reason) => {
        const feed = calendarFeed(
          [entry({ role: { ...entry().role, scopeName }, reason }), entry()],
          'x.example',
        )
        const [event, ...more] = parseCalendar(feed)
        expect(more).toHaveLength(1)
        expect(Object.keys(event ?? {})).toHaveLength(10)
        for (const line of feed.split('\r\n')) expect(octets(line)).toBeLessThanOrEqual(75)
      }),
    )
  })

  test('lines are folded after 75 octets, never within a character', () => {
    const wide = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '👩‍💻', '\u{1F600}'), maxLength: 200 })
    fc.assert(
      fc.property(wide, (line) => {
        const parts = folded(line).split('\r\n')
        for (const part of parts) expect(octets(part)).toBeLessThanOrEqual(75)
        for (const part of parts.slice(0, -1)) expect(octets(part)).toBeGreaterThan(75 - 4)
        expect(parts.join('\r\n').replaceAll('\r\n ', '')).toBe(line)
        expect(Buffer.from(parts.join('')).includes('\uFFFD')).toBe(false)
      }),
    )
  })
})

describe('in the calendar stands', () => {
  const eligibility = {
    ...exchangeRole,
    id: 'elig-1',
    principalId: ada.id,
    principalType: 'User' as const,
    principalName: 'Ada',
    roleName: 'Exchange Administrator',
    scopeName: 'the whole directory',
    startDateTime: '2030-01-01T09:00:00.000Z',
    endDateTime: '2030-06-01T09:00:00.000Z',
    createdDateTime: '2030-01-01T09:00:00.000Z',
    createdBy: ada,
    justification: null,
  }
  const kinds = (requests: (typeof held)[], eligibilities: (typeof eligibility)[] = []) =>
    calendarOf({ requests, eligibilities }, NOW).map(({ kind, uid }) => `${kind} ${uid}`)

  test.each<[string, typeof held, string[]]>([
    ['what is held', held, [`active ${held.id}`]],
    ['not what is held for good', { ...held, endsAt: null }, []],
    ['what is approved', granted, [`scheduled ${granted.id}`]],
    ['not what is asked for from the approval on', pending, []],
    [
      'what is asked for from a day on',
      { ...pending, asked: { ...pending.asked, startDateTime: '2030-02-01T09:00:00.000Z' } },
      [`asked ${pending.id}`],
    ],
    ['not a question about an eligibility', { ...pending, about: 'eligibility', action: 'selfExtend' }, []],
  ])('%s', (_name, request, expected) => expect(kinds([request])).toEqual(expected))

  test('when one begins and ceases to be eligible, as long as that matters', () => {
    const of = (more: Partial<typeof eligibility>) =>
      kinds([], [{ ...eligibility, ...more } as typeof eligibility])
    expect(of({})).toEqual(['eligibleUntil elig-1.end'])
    expect(of({ startDateTime: '2030-02-01T09:00:00.000Z' })).toEqual([
      'eligibleFrom elig-1.start',
      'eligibleUntil elig-1.end',
    ])
    expect(of({ endDateTime: null as never })).toEqual([])
    expect(of({ endDateTime: '2029-12-15T00:00:00.000Z' })).toEqual(['eligibleUntil elig-1.end'])
    expect(of({ endDateTime: '2029-11-15T00:00:00.000Z' })).toEqual([])
  })

  test('what was moved under the same name, with a higher number', () => {
    const of = (changes: number) =>
      calendarOf({ requests: [], eligibilities: [{ ...eligibility, changes } as never] }, NOW)
    expect([of(0)[0]?.sequence, of(2)[0]?.sequence]).toEqual([0, 2])
    expect(of(0)[0]?.uid).toBe(of(2)[0]?.uid)
  })
})
