import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ApprovalDemand, peopleKey, type StageDemand } from '../../src/domain/approval-demand.ts'
import { type Demands, stricter } from '../../src/domain/demands.ts'
import { durationMillis } from '../../src/domain/schedule.ts'
import { ada, approversGroup, engineers, grace, group, linus, user } from '../fakes/people.ts'
import { demandFor } from './requests.ts'

const list = fc.uniqueArray(
  fc.constantFrom(...[ada, grace, linus].map(({ id }) => user(id)), group(approversGroup), group(engineers)),
  {
    minLength: 1,
    maxLength: 3,
    selector: (each) => JSON.stringify(each),
  },
)
const stage = fc.record({
  people: fc.array(fc.record({ approvers: list }), { minLength: 1, maxLength: 1 }),
  approvalsRequired: fc.integer({ min: 1, max: 3 }),
  excludesEarlier: fc.boolean(),
  timeoutMinutes: fc.constantFrom(5, 240, 1440),
  escalateAfterMinutes: fc.constantFrom(null, 60, 120),
  remindEveryMinutes: fc.constantFrom(null, 15, 60),
  approvesUnanswered: fc.boolean(),
  justification: fc.boolean(),
  byLink: fc.boolean(),
})
const approval = fc.record({
  mode: fc.constantFrom<'Serial' | 'Parallel'>('Serial', 'Parallel'),
  stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
  automatic: fc.constantFrom<ApprovalDemand['automatic'][]>(
    [],
    [[{ description: 'short', maximumDuration: 'PT1H' }]],
  ),
})
const demands: fc.Arbitrary<Demands> = fc.record({
  version: fc.nat(9),
  maximumDuration: fc.constantFrom('PT30M', 'PT1H', 'PT60M', 'PT8H', 'P1D', 'PT24H'),
  justification: fc.boolean(),
  ticket: fc.boolean(),
  ticketPatterns: fc.constantFrom([], ['INC.*'], ['CHG.*']),
  mfa: fc.boolean(),
  contexts: fc.constantFrom([], ['c1'], ['c2']),
  approval: fc.option(approval),
})

const millis = ({ maximumDuration }: Demands) => durationMillis(maximumDuration, new Date(0))
const isAtLeastStage = (a: StageDemand | undefined, b: StageDemand): boolean =>
  a !== undefined &&
  b.people.map(peopleKey).every((each) => a.people.map(peopleKey).includes(each)) &&
  a.approvalsRequired >= b.approvalsRequired &&
  (a.excludesEarlier || !b.excludesEarlier) &&
  a.timeoutMinutes <= b.timeoutMinutes &&
  (a.justification || !b.justification) &&
  (!a.approvesUnanswered || b.approvesUnanswered) &&
  (!a.byLink || b.byLink)

/** Whatever satisfies `a` satisfies `b`. */
function isAtLeast(a: Demands, b: Demands): boolean {
  const asks = (what: 'justification' | 'ticket' | 'mfa') => a[what] || !b[what]
  return (
    millis(a) <= millis(b) &&
    asks('justification') &&
    asks('ticket') &&
    asks('mfa') &&
    b.contexts.every((each) => a.contexts.includes(each)) &&
    b.ticketPatterns.every((each) => a.ticketPatterns.includes(each)) &&
    (b.approval?.stages ?? []).every((each, index) => isAtLeastStage(a.approval?.stages[index], each)) &&
    (!a.approval || !b.approval || b.approval.automatic.length > 0 || a.approval.automatic.length === 0)
  )
}

describe('the stricter of two demands', () => {
  test('does not depend on which comes first', () => {
    fc.assert(fc.property(demands, demands, (a, b) => void expect(stricter(a, b)).toEqual(stricter(b, a))))
  })

  test('of one and itself is that one', () => {
    fc.assert(fc.property(demands, (a) => void expect(stricter(a, a)).toEqual(a)))
  })

  test('is weaker than neither, and once it is the stricter it stays as it is', () => {
    fc.assert(
      fc.property(demands, demands, (a, b) => {
        const both = stricter(a, b)
        expect([isAtLeast(both, a), isAtLeast(both, b)]).toEqual([true, true])
        expect(stricter(both, a)).toEqual(both)
      }),
    )
  })

  test('of three does not depend on how they are taken together', () => {
    fc.assert(
      fc.property(
        demands,
        demands,
        demands,
        (a, b, c) => void expect(stricter(stricter(a, b), c)).toEqual(stricter(a, stricter(b, c))),
      ),
    )
  })

  test('grows with what it is made of', () => {
    fc.assert(
      fc.property(
        demands,
        demands,
        demands,
        (a, b, c) => void expect(isAtLeast(stricter(stricter(a, b), c), stricter(a, c))).toBe(true),
      ),
    )
  })

  test('asks both lists of approvers, each once', () => {
    const by = (...approvers: ReturnType<typeof user>[]): Demands => ({
      version: 1,
      maximumDuration: 'PT8H',
      justification: false,
      ticket: false,
      ticketPatterns: [],
      mfa: false,
      contexts: [],
      approval: { mode: 'Serial', stages: [demandFor(approvers)], automatic: [] },
    })
    const named = (demands: Demands) => demands.approval?.stages[0]?.people.map(({ approvers }) => approvers)
    expect(named(stricter(by(user(grace.id)), by(user(linus.id))))).toEqual([
      [user(grace.id)],
      [user(linus.id)],
    ])
    expect(
      named(stricter(by(user(grace.id), user(linus.id)), by(user(linus.id), user(grace.id)))),
    ).toHaveLength(1)
  })
})
