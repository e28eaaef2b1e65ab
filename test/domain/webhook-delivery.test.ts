import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, plus } from '../../src/domain/schedule.ts'
import {
  afterFailure,
  failed,
  isHeld,
  isNews,
  newParcel,
  type Outcome,
  type Parcel,
  raised,
  succeeded,
  UNTRIED,
  verdictOf,
} from '../../src/domain/webhook-delivery.ts'

const NINE = new Date('2030-01-01T09:00:00.000Z')
const EVENT = 'req-11111111000040008000000000000001-0kabcdefg0000000001.decided'
const HOOK = 'hook-00000000000000000000000000000001-0kabcdefg0000000001'
const parcel = newParcel(HOOK, EVENT, NINE)
const later: Outcome = { verdict: 'later', reason: 'Answered 503.' }
const refused: Outcome = { verdict: 'refused', reason: 'Answered 400.' }

test.each([
  [200, 'delivered'],
  [202, 'delivered'],
  [204, 'delivered'],
  [301, 'refused'],
  [307, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'later'],
  [410, 'gone'],
  [413, 'refused'],
  [429, 'later'],
  [500, 'later'],
  [503, 'later'],
])('an answer of %i means: %s', (status, verdict) => expect(verdictOf(status)).toBe(verdict))

describe('an endpoint that does not work', () => {
  test('is asked after 30 seconds, 2, 10 and 30 minutes, an hour and then hourly', () => {
    let health = UNTRIED
    let now = NINE
    let n = 0
    const pauses = Array.from({ length: 8 }, () => {
      health = failed(health, `${++n}`, later, now)
      const pause = Date.parse(health.notBefore ?? '') - now.getTime()
      expect(isHeld(health, plus(now, pause - 1))).toBe(true)
      now = plus(now, pause)
      expect(isHeld(health, now)).toBe(false)
      return pause / MINUTE
    })
    expect(pauses).toEqual([0.5, 2, 10, 30, 60, 60, 60, 60])
    expect(health).toMatchObject({ consecutiveFailures: 8, failingSince: NINE.toISOString() })
  })

  test.each([
    [5, 30],
    [300, 300],
    [90_000, 86_400],
  ])('and asks to be left alone for %i seconds is left alone for %i', (retryAfterSeconds, expected) => {
    const { notBefore } = failed(UNTRIED, EVENT, { ...later, retryAfterSeconds }, NINE)
    expect(Date.parse(notBefore ?? '') - NINE.getTime()).toBe(expected * 1000)
  })

  test('counts once for all that was on its way when it was noticed', () => {
    const once = failed(UNTRIED, EVENT, later, NINE)
    const more = failed(
      failed(once, 'b', later, plus(NINE, 1)),
      'c',
      { ...later, retryAfterSeconds: 600 },
      plus(NINE, 2),
    )
    expect(more.consecutiveFailures).toBe(1)
    expect(more.notBefore).toBe(plus(NINE, 600_002).toISOString())
  })

  test('for one event only is left alone for half a minute each time; for two it is believed to be down', () => {
    const twice = failed(failed(UNTRIED, 'a', later, NINE), 'a', later, plus(NINE, MINUTE))
    expect(twice.notBefore).toBe(plus(NINE, 1.5 * MINUTE).toISOString())
    const another = failed(twice, 'b', later, plus(NINE, 2 * MINUTE))
    expect(another.notBefore).toBe(plus(NINE, 12 * MINUTE).toISOString())
    const again = failed(another, 'b', later, plus(NINE, 12 * MINUTE))
    expect(again.notBefore).toBe(plus(NINE, 42 * MINUTE).toISOString())
  })

  test('holds nobody else up by refusing one', () => {
    expect(failed(UNTRIED, EVENT, refused, NINE)).toMatchObject({ notBefore: null, consecutiveFailures: 1 })
  })

  test('is well again by one success; while it is well, that is news once an hour', () => {
    const well = succeeded(failed(UNTRIED, EVENT, later, NINE), NINE)
    expect(well).toMatchObject({ consecutiveFailures: 0, failingSince: null, notBefore: null })
    expect(well.lastFailure).not.toBeNull()
    expect([
      isNews(UNTRIED, NINE),
      isNews(well, plus(NINE, HOUR - 1)),
      isNews(well, plus(NINE, HOUR)),
    ]).toEqual([true, false, true])
  })
})

describe('an event that was not taken', () => {
  const live = (outcome: Outcome) => {
    const times: number[] = []
    let now = NINE
    let next: Parcel = parcel
    for (;;) {
      times.push(now.getTime() - NINE.getTime())
      const after = afterFailure(next, outcome, now)
      if ('dead' in after) return { times, dead: after.dead }
      next = after.again
      now = new Date(next.due)
    }
  }

  test('is sent again for three days, and then is a dead letter', () => {
    const { times, dead } = live(later)
    expect(times.slice(0, 7).map((time) => time / MINUTE)).toEqual([0, 0.5, 2.5, 12.5, 42.5, 102.5, 162.5])
    expect((times.at(-1) ?? 0) / HOUR).toBeGreaterThanOrEqual(72)
    expect((times.at(-1) ?? 0) / HOUR).toBeLessThan(73)
    expect(dead).toEqual({
      webhookId: HOOK,
      eventId: EVENT,
      attempts: times.length,
      since: NINE.toISOString(),
      reason: 'Answered 503.',
      diedAt: plus(NINE, times.at(-1) ?? 0).toISOString(),
    })
  })

  test('because the endpoint does not want it is sent four times', () => {
    expect(live(refused).times).toHaveLength(4)
  })

  test('because the endpoint wants nothing more is not sent again', () => {
    expect(live({ verdict: 'gone', reason: 'Answered 410.' }).times).toHaveLength(1)
  })

  test('and is asked for again begins from the beginning', () => {
    const later = plus(NINE, 100 * HOUR)
    expect(raised(live(refused).dead, later)).toEqual(newParcel(HOOK, EVENT, later))
  })
})
