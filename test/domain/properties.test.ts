import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activationDenials, type Circumstances } from '../../src/domain/activation.ts'
import { reminded } from '../../src/domain/approval-steps.ts'
import { type Ask, windowAsked } from '../../src/domain/ask.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import { makeId, principalOf } from '../../src/domain/ids.ts'
import { nextStep } from '../../src/domain/next-step.ts'
import { INTERIM } from '../../src/domain/person.ts'
import { inTurn, isOpen, type Request, type Status } from '../../src/domain/request.ts'
import { endingBegun, failed, intended, provisioned, removalDelayed } from '../../src/domain/request-steps.ts'
import { type Role, sameRole } from '../../src/domain/role.ts'
import { defaultRules, demandsOf } from '../../src/domain/role-settings.ts'
import { ada, exchange, helpdesk, WEAK } from '../fakes/people.ts'
import { beingGiven, beingTaken, granted, held, pending } from './requests.ts'

const START = Date.parse('2030-01-01T00:00:00Z')
const instant = fc
  .integer({ min: 0, max: 400 * 24 * 60 })
  .map((minutes) => new Date(START + minutes * 60_000))
const role: fc.Arbitrary<Role> = fc.record({
  provider: fc.constant('directory' as const),
  roleDefinitionId: fc.constantFrom(exchange.id, helpdesk.id),
  scope: fc.constantFrom(
    '/',
    '/administrativeUnits/44444444-0000-4000-8000-000000000001',
    '/44444444-0000-4000-8000-000000000001',
  ),
})
const eligibility: fc.Arbitrary<Eligibility> = fc
  .record({ role, start: instant, length: fc.option(fc.integer({ min: 5, max: 200_000 })) })
  .map(({ role, start, length }) => ({
    ...role,
    id: 'elig-1',
    principalId: ada.id,
    principalType: 'User',
    principalName: ada.displayName,
    roleName: '',
    scopeName: '',
    startDateTime: start.toISOString(),
    endDateTime: length === null ? null : new Date(start.getTime() + length * 60_000).toISOString(),
    createdDateTime: start.toISOString(),
    createdBy: INTERIM,
    justification: null,
  }))
const minutes = fc.integer({ min: 1, max: 3000 })
const duration = fc.oneof(
  minutes.map((n) => `PT${n}M`),
  fc.integer({ min: 1, max: 30 }).map((n) => `P${n}D`),
  fc.integer({ min: 1, max: 12 }).map((n) => `P${n}M`),
)
const scheduleInfo: fc.Arbitrary<Ask['scheduleInfo']> = fc.record({
  startDateTime: fc.option(instant.map((at) => at.toISOString())),
  expiration: fc.oneof(
    duration.map((each) => ({ type: 'afterDuration' as const, duration: each })),
    instant.map((at) => ({ type: 'afterDateTime' as const, endDateTime: at.toISOString() })),
  ),
})
const ask: fc.Arbitrary<Ask> = fc.record({
  role,
  justification: fc.constantFrom('INC-42', ' ', null),
  ticketInfo: fc.constant(null),
  scheduleInfo,
})
const demands = demandsOf(
  {
    version: 1,
    rules: defaultRules(),
  },
  true,
)
const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  now: instant,
  requester: fc.constantFrom(ada, undefined),
  definition: fc.constant(exchange),
  eligibilities: fc.array(eligibility, { maxLength: 4 }),
  demands: fc.record({
    ...Object.fromEntries(Object.entries(demands).map(([key, value]) => [key, fc.constant(value)])),
    maximumDuration: fc.constantFrom('PT30M', 'PT8H', 'P1D'),
    mfa: fc.boolean(),
  }) as fc.Arbitrary<Circumstances['demands']>,
  proof: fc.constant(WEAK),
  mfaContext: fc.constant(null),
  approvers: fc.constantFrom(null, false, true),
})

/** Asked for by somebody who is eligible, and in order but perhaps for its times. */
const promising: fc.Arbitrary<[Ask, Circumstances]> = fc
  .record({
    ask,
    circumstances,
    eligibility,
    soon: fc.integer({ min: -60, max: 600 }),
    length: fc.integer({ min: 5, max: 600 }),
    mode: fc.nat(2),
    own: fc.integer({ min: 0, max: 900 }),
  })
  .map(({ ask: asked, circumstances: c, eligibility: each, soon, length, mode, own }) => {
    const at = (n: number) => new Date(c.now.getTime() + n * 60_000).toISOString()
    const start = mode === 0 ? null : at(soon)
    const expiration =
      mode === 1
        ? { type: 'afterDateTime' as const, endDateTime: at(Math.max(soon, 0) + length) }
        : { type: 'afterDuration' as const, duration: `PT${length}M` }
    const ownEligibility = {
      ...each,
      ...asked.role,
      startDateTime: at(-60),
      endDateTime: own > 800 ? null : at(own),
    }
    return [
      { ...asked, justification: 'INC-42', scheduleInfo: { startDateTime: start, expiration } },
      {
        ...c,
        requester: ada,
        eligibilities: [...c.eligibilities, ownEligibility],
        demands: { ...c.demands, mfa: false },
        approvers: null,
      },
    ]
  })

describe('deciding', () => {
  test('an eligibility for another role or scope changes no answer', () => {
    fc.assert(
      fc.property(ask, circumstances, eligibility, fc.nat(4), (asked, c, other, place) => {
        fc.pre(!sameRole(other, asked.role))
        const more = [...c.eligibilities]
        more.splice(place, 0, other)
        expect(activationDenials(asked, { ...c, eligibilities: more })).toEqual(activationDenials(asked, c))
      }),
      { numRuns: 500 },
    )
  })

  test('an eligibility for the very role takes no allowance away', () => {
    fc.assert(
      fc.property(promising, eligibility, ([asked, c], other) => {
        fc.pre(activationDenials(asked, c).length === 0)
        expect(
          activationDenials(asked, {
            ...c,
            eligibilities: [...c.eligibilities, { ...other, ...asked.role }],
          }),
        ).toEqual([])
      }),
    )
  })

  test('nothing is allowed without an eligibility that covers all of it', () => {
    fc.assert(
      fc.property(promising, ([asked, c]) => {
        fc.pre(activationDenials(asked, c).length === 0)
        const { start, end } = windowAsked(asked, c.now)
        const covers = c.eligibilities.some(
          (each) =>
            sameRole(each, asked.role) &&
            new Date(each.startDateTime) <= start &&
            (each.endDateTime === null || end <= new Date(each.endDateTime)),
        )
        expect(covers).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('who asks for less is refused for no more, but for what is too short', () => {
    fc.assert(
      fc.property(ask, circumstances, minutes, minutes, (asked, c, a, b) => {
        const lasting = (n: number): Ask => ({
          ...asked,
          scheduleInfo: { ...asked.scheduleInfo, expiration: { type: 'afterDuration', duration: `PT${n}M` } },
        })
        const [shorter, longer] = [Math.min(a, b), Math.max(a, b)]
        fc.pre(shorter >= 5 && !asked.scheduleInfo.startDateTime)
        const rules = (n: number) =>
          activationDenials(lasting(n), c).map(({ rule, target }) => `${rule} ${target}`)
        expect(rules(longer)).toEqual(expect.arrayContaining(rules(shorter)))
      }),
      { numRuns: 500 },
    )
  })

  test('what is allowed ends after it starts, starts no earlier than now, and lasts no longer than the maximum', () => {
    fc.assert(
      fc.property(promising, ([asked, c]) => {
        fc.pre(activationDenials(asked, c).length === 0)
        const { start, end } = windowAsked(asked, c.now)
        expect(start.getTime()).toBeGreaterThanOrEqual(c.now.getTime())
        expect(end.getTime() - start.getTime()).toBeGreaterThanOrEqual(5 * 60_000)
        expect(end.getTime() - start.getTime()).toBeLessThanOrEqual(24 * 3_600_000)
      }),
      { numRuns: 1000 },
    )
  })

  test('a duration always ends after the start it is counted from', () => {
    fc.assert(
      fc.property(duration, instant, (each, at) => {
        const window = windowAsked(
          { scheduleInfo: { expiration: { type: 'afterDuration', duration: each } } },
          at,
        )
        expect(window.end.getTime()).toBeGreaterThan(window.start.getTime())
      }),
    )
  })
})

describe('a request', () => {
  const status = fc.constantFrom<Status>('Expired', 'Revoked', 'Denied', 'Canceled', 'TimedOut', 'Failed')
  const open = fc.constantFrom(pending, granted, beingGiven, held, beingTaken)

  test('that is over needs nothing, ever', () => {
    fc.assert(
      fc.property(status, open, instant, (each, request, now) => {
        expect(isOpen({ ...request, status: each })).toBe(false)
        expect(nextStep({ ...request, status: each }, now)).toEqual({ do: 'nothing' })
      }),
    )
  })

  test('that is open always needs something: to wait for what lies ahead, or to act', () => {
    fc.assert(
      fc.property(open, instant, (request, now) => {
        const next = nextStep(request, now)
        expect(next.do).not.toBe('nothing')
        if (next.do === 'wait') expect(next.until.getTime()).toBeGreaterThan(now.getTime() + 1000)
      }),
    )
  })

  test('keeps its end, whoever runs late and however often', () => {
    const step = fc.constantFrom<(request: Request, now: Date) => Request>(
      (request) => inTurn(request, 7),
      (request, now) => reminded(request, [0], now, new Map()).request,
      (request, now) => intended(request, null, 'attempt', now).request,
      (request, now) => provisioned(request, 'assignment-1', false, now).request,
      (request, now) => removalDelayed(request, 'away', now, now).request,
      (request, now) => endingBegun(request, 'expired', INTERIM, now).request,
      (request, now) => failed(request, { code: 'x', message: 'y' }, now).request,
    )
    fc.assert(
      fc.property(open, fc.array(fc.tuple(step, instant), { maxLength: 12 }), (request, steps) => {
        const last = steps.reduce((each, [take, now]) => take(each, now), request)
        expect([last.startsAt, last.endsAt]).toEqual([request.startsAt, request.endsAt])
        expect(last.turn).toBeGreaterThanOrEqual(request.turn)
      }),
    )
  })
})

test('an id names whose it is, whoever and whenever', () => {
  const exact = fc.date({ min: new Date('2000-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  const random = fc.string({
    unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'),
    minLength: 10,
    maxLength: 16,
  })
  fc.assert(
    fc.property(fc.uuid(), exact, random, fc.constantFrom('req', 'elig', 'set'), (id, at, digits, prefix) => {
      expect(principalOf(makeId(prefix as 'req', id, at, digits))).toBe(id)
    }),
  )
})
