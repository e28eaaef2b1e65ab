import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Eligibility, EligibilityAction } from '../../src/domain/eligibility.ts'
import {
  endsLater,
  lifeOf,
  makesSense,
  mayBeExtended,
  mayBeRenewed,
  nextLook,
  windowFor,
} from '../../src/domain/eligibility-life.ts'
import { added, moved, warned } from '../../src/domain/eligibility-steps.ts'
import { INTERIM } from '../../src/domain/person.ts'
import { exchangeRole } from '../fakes/people.ts'

const DAY = 86_400_000
const START = Date.parse('2030-01-01T00:00:00Z')
const END = '2031-01-01T00:00:00.000Z'
const earlier = (millis: number) => new Date(Date.parse(END) - millis)
const year: Eligibility = {
  ...exchangeRole,
  id: 'elig-1',
  principalId: 'p',
  principalType: 'User',
  principalName: 'Ada',
  roleName: 'Exchange Administrator',
  scopeName: 'the whole directory',
  startDateTime: new Date(START).toISOString(),
  endDateTime: END,
  createdDateTime: new Date(START).toISOString(),
  createdBy: INTERIM,
  justification: null,
}
const forGood = { ...year, endDateTime: null }

test.each<[string, Date, string, boolean, boolean]>([
  ['a moment before its start', new Date(START - 1), 'future', false, false],
  ['at its start', new Date(START), 'current', false, false],
  ['a moment too early to ask for more', earlier(14 * DAY + 1), 'current', false, false],
  ['fourteen days before its end', earlier(14 * DAY), 'current', true, false],
  ['a moment before its end', earlier(1), 'current', true, false],
  ['at its end', earlier(0), 'expired', false, true],
  ['a moment before it is forgotten', earlier(1 - 30 * DAY), 'expired', false, true],
  ['thirty days after its end', earlier(-30 * DAY), 'expired', false, false],
])('%s it is what it is, and one may ask what one may', (_name, now, life, extend, renew) => {
  expect([lifeOf(year, now), mayBeExtended(year, now), mayBeRenewed(year, now)]).toEqual([
    life,
    extend,
    renew,
  ])
  const good = now < new Date(START) ? 'future' : 'current'
  expect([lifeOf(forGood, now), mayBeExtended(forGood, now), mayBeRenewed(forGood, now)]).toEqual([
    good,
    false,
    false,
  ])
})

describe('what it needs', () => {
  test.each<[string, number, number, object]>([
    ['nothing for most of the year', 15 * DAY, 0, { do: 'wait', until: earlier(14 * DAY) }],
    ['the first warning', 14 * DAY, 0, { do: 'warn', warning: 'endsIn14Days' }],
    ['nothing after it', 13 * DAY, 1, { do: 'wait', until: earlier(DAY) }],
    ['the second warning', DAY, 1, { do: 'warn', warning: 'endsIn1Day' }],
    ['only the second where the first was missed', DAY / 2, 0, { do: 'warn', warning: 'endsIn1Day' }],
    ['nothing between', DAY / 2, 2, { do: 'wait', until: earlier(0) }],
    ['to be told that it has ended', 0, 2, { do: 'warn', warning: 'hasEnded' }],
    ['only that, where all was missed', -DAY, 0, { do: 'warn', warning: 'hasEnded' }],
    ['nothing for a month', -DAY, 3, { do: 'wait', until: earlier(-30 * DAY) }],
    ['to be forgotten', -30 * DAY, 3, { do: 'forget' }],
  ])('%s', (_name, millis, warned, look) => {
    expect(nextLook({ ...year, warned }, earlier(millis))).toEqual(look)
  })

  test('nothing, ever, when it is permanent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => {
        expect(nextLook(forGood, new Date(at))).toEqual({ do: 'nothing' })
      }),
    )
  })

  test('looked at whenever, each warning is given at most once, the last always, and only when its time has come', () => {
    const arbitrary = fc.record({
      length: fc.integer({ min: 5 * 60_000, max: 400 * DAY }),
      looks: fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { maxLength: 40 }),
    })
    fc.assert(
      fc.property(arbitrary, ({ length, looks }) => {
        const end = START + length
        let one = added({ ...year, endDateTime: new Date(end).toISOString() }, new Date(START)).eligibility
        const given: string[] = []
        const instants = [...looks.map((x) => START + x * length), end].sort((a, b) => a - b)
        for (const at of instants) {
          const look = nextLook(one, new Date(at))
          if (look.do === 'wait') expect(look.until.getTime()).toBeGreaterThan(at)
          if (look.do !== 'warn') continue
          const left = { endsIn14Days: 14 * DAY, endsIn1Day: DAY, hasEnded: 0 }[look.warning]
          expect(end - at).toBeLessThanOrEqual(left)
          if (look.warning !== 'hasEnded') expect(length).toBeGreaterThan(left) // what it never was longer than is no news
          given.push(look.warning)
          const step = warned(one, look.warning, new Date(at))
          expect(step.eligibility.endDateTime).toBe(one.endDateTime)
          one = step.eligibility
        }
        expect(given).toEqual([...new Set(given)])
        expect(given.at(-1)).toBe('hasEnded')
      }),
    )
  })
})

describe('the window that is asked for', () => {
  const now = earlier(7 * DAY)
  const P1D = { expiration: { type: 'afterDuration' as const, duration: 'P1D' } }
  const iso = (millis: number) => new Date(millis).toISOString()

  test.each<[string, object, object | undefined, string, string | null]>([
    [
      'of a new one counts from its start',
      { ...P1D, startDateTime: END },
      undefined,
      END,
      iso(Date.parse(END) + DAY),
    ],
    ['of a new one counts from now', P1D, undefined, now.toISOString(), iso(now.getTime() + DAY)],
    [
      'of one that runs keeps the start, and counts from now',
      P1D,
      year,
      year.startDateTime,
      iso(now.getTime() + DAY),
    ],
    ['may have no end', { expiration: { type: 'noExpiration' } }, year, year.startDateTime, null],
    [
      'of one that has ended begins now',
      P1D,
      { ...year, endDateTime: iso(now.getTime() - 1) },
      now.toISOString(),
      iso(now.getTime() + DAY),
    ],
  ])('%s', (_name, asked, one, startDateTime, endDateTime) => {
    expect(windowFor(asked as never, now, one as never)).toEqual({ startDateTime, endDateTime })
  })

  test.each<[string, string, string | null, boolean]>([
    ['five minutes', iso(START), iso(START + 300_000), true],
    ['a moment less', iso(START), iso(START + 299_999), false],
    ['no end', iso(START), null, true],
    ['an end that is now', iso(START - DAY), iso(START), false],
    ['backwards', iso(START + DAY), iso(START + 1), false],
  ])('%s: does it make sense?', (_name, startDateTime, endDateTime, does) => {
    expect(makesSense({ startDateTime, endDateTime }, new Date(START))).toBe(does)
  })

  test('later is later than, and for good is later than everything', () => {
    expect(endsLater(forGood, year)).toBe(true)
    expect([endsLater(year, year), endsLater(year, forGood), endsLater(forGood, forGood)]).toEqual([
      false,
      false,
      false,
    ])
  })
})

test('a move counts, says what was before, and warns anew of what still has a place', () => {
  const now = earlier(DAY / 2)
  const told = { ...year, warned: 2 }
  const step = moved(
    told,
    'adminExtend',
    { ...year, endDateTime: '2031-01-11T00:00:00.000Z' },
    INTERIM,
    now,
    'r',
  )
  expect(step.eligibility).toMatchObject({ changes: 1, warned: 1, endDateTime: '2031-01-11T00:00:00.000Z' })
  expect(step.events).toMatchObject([
    {
      id: 'elig-1.adminExtend-1',
      activityDisplayName: 'Update eligible member in PIM completed (extend)',
      additionalDetails: expect.arrayContaining([{ key: 'previousExpiration', value: END }]),
    },
  ])
})

test.each<[string, object, boolean]>([
  ['without a word', { principalId: year.id, roleDefinitionId: 'x' }, false],
  ['of another’s words', { action: 'selfActivate', targetScheduleId: year.id }, false],
  [
    'with something that is nobody’s to write',
    { action: 'adminRemove', targetScheduleId: 'x', createdBy: 'me' },
    false,
  ],
  ['that names no eligibility', { action: 'adminRemove', targetScheduleId: 'req-1' }, false],
  [
    'as it should be',
    { action: 'adminRemove', targetScheduleId: 'elig-11111111000040008000000000000001-0kabcdefg0000000001' },
    true,
  ],
])('an action %s', (_name, body, isOne) => {
  expect(EligibilityAction.safeParse(body).success).toBe(isOne)
})
