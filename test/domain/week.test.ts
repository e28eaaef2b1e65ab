import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestDue, utcDaysOf, WeekId, weekBefore, weekOf, weekWindow } from '../../src/domain/week.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo', // clocks changed at midnight
  'Asia/Kathmandu', // 45 minutes
  'Australia/Lord_Howe', // changes by half an hour
  'Pacific/Apia', // has once skipped a whole day
  'Pacific/Kiritimati',
  'Africa/Casablanca',
  'America/Havana', // midnight is skipped
]
const zone = fc.constantFrom(...ZONES)
const hour = fc.integer({ min: 0, max: 23 })
const instant = fc.date({
  min: new Date('2010-01-01T00:00:00Z'),
  max: new Date('2035-01-01T00:00:00Z'),
  noInvalidDate: true,
})
const HOUR = 3_600_000

describe('a week', () => {
  test.each([
    ['2026-11-16T00:00:00Z', 'UTC', '2026-W47'],
    ['2026-11-15T23:59:59.999Z', 'UTC', '2026-W46'],
    ['2026-11-15T23:00:00Z', 'Europe/Berlin', '2026-W47'],
    ['2026-11-16T04:59:00Z', 'America/New_York', '2026-W46'],
    ['2027-01-01T12:00:00Z', 'UTC', '2026-W53'],
    ['2024-12-30T12:00:00Z', 'UTC', '2025-W01'],
  ])('%s in %s is in %s', (at, timeZone, week) => expect(weekOf(new Date(at), timeZone)).toBe(week))

  test.each([
    ['2026-W47', true],
    ['2026-W53', true],
    ['2025-W53', false], // that year has 52
    ['2026-W00', false],
    ['2026-W54', false],
    ['2026-47', false],
    ['1999-W10', false],
    ['2026-W47 ', false],
    ['x', false],
    ['', false],
  ])('%s is one: %s', (text, is) => expect(WeekId.safeParse(text).success).toBe(is))

  test('begins where the one before ends, and every instant lies in the window of its own', () => {
    fc.assert(
      fc.property(instant, zone, (at, timeZone) => {
        const week = weekOf(at, timeZone)
        const { from, to } = weekWindow(week, timeZone)
        expect(WeekId.safeParse(week).success).toBe(true)
        expect(from <= at && at < to).toBe(true)
        expect(weekWindow(weekBefore(week), timeZone).to).toEqual(from)
        expect(utcDaysOf({ from, to })).toContain(at.toISOString().slice(0, 10))
        expect(utcDaysOf({ from, to }).length).toBeLessThanOrEqual(8)
      }),
    )
  })
  test('is as long as the clocks of its zone make it', () => {
    const hours = (week: string, timeZone: string) => {
      const { from, to } = weekWindow(week, timeZone)
      return (to.getTime() - from.getTime()) / HOUR
    }
    expect([hours('2026-W13', 'Europe/Berlin'), hours('2026-W43', 'Europe/Berlin')]).toEqual([167, 169])
    expect(hours('2026-W47', 'Europe/Berlin')).toBe(168)
  })
})

describe('the digest that is due', () => {
  test.each([
    ['on Monday at eight', '2026-11-16T08:00:00Z', 'UTC', 8, '2026-W46'],
    ['not a millisecond before', '2026-11-16T07:59:59.999Z', 'UTC', 8, '2026-W45'],
    ['still on Sunday', '2026-11-22T23:59:59Z', 'UTC', 8, '2026-W46'],
    ['by the clock of the tenant', '2026-11-16T12:59:00Z', 'America/New_York', 8, '2026-W45'],
    ['and then', '2026-11-16T13:00:00Z', 'America/New_York', 8, '2026-W46'],
    ['in summer an hour earlier', '2026-07-13T06:00:00Z', 'Europe/Berlin', 8, '2026-W28'],
  ])('%s', (_, now, timeZone, at, week) =>
    expect(digestDue(new Date(now), { timeZone, hour: at }).week).toBe(week),
  )

  test('is the one of a week that is over, since a Monday at the hour, for seven days', () => {
    fc.assert(
      fc.property(instant, zone, hour, (now, timeZone, at) => {
        const due = digestDue(now, { timeZone, hour: at })
        expect(due.at <= now).toBe(true)
        expect(weekWindow(due.week, timeZone).to <= due.at).toBe(true)
        expect(now.getTime() - due.at.getTime()).toBeLessThanOrEqual(8 * 24 * HOUR)
        expect(digestDue(due.at, { timeZone, hour: at })).toEqual(due)
        expect(due.until).toEqual(weekWindow(weekOf(due.at, timeZone), timeZone).to)
      }),
    )
  })

  test('goes once for each week, in their order, whatever hours the host slept; and for each in which it woke', () => {
    const naps = fc.array(fc.integer({ min: 1, max: 24 * 20 }), { minLength: 20, maxLength: 120 })
    fc.assert(
      fc.property(instant, zone, hour, naps, (start, timeZone, at, hours) => {
        const sent = new Map<string, Date>()
        const awake: Date[] = []
        let now = start
        for (const nap of hours) {
          now = new Date(now.getTime() + nap * HOUR)
          awake.push(now)
          const { week } = digestDue(now, { timeZone, hour: at })
          if (!sent.has(week)) sent.set(week, now)
        }
        const weeks = [...sent.keys()]
        expect([...weeks].sort()).toEqual(weeks)
        for (const [week, when] of sent) {
          const after = weekWindow(week, timeZone).to
          expect(when >= after).toBe(true)
        }
        // Awake at any time from its Monday's hour to the next one's: it was sent.
        for (let week = weeks[0] as string; week < (weeks.at(-1) as string); ) {
          const following = weekOf(weekWindow(week, timeZone).to, timeZone)
          const afterThat = weekWindow(following, timeZone).to
          const from = digestDue(new Date(afterThat.getTime() - 1), { timeZone, hour: at })
          if (from.week === week && awake.some((each) => each >= from.at && each < afterThat))
            expect(sent.has(week)).toBe(true)
          week = following
        }
      }),
      { numRuns: 25 },
    )
  })
})
