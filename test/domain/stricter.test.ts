import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { approverLists, type Demands, stricter } from '../../src/domain/demands.ts'
import { durationMillis } from '../../src/domain/schedule.ts'
import { ada, approversGroup, engineers, grace, group, linus, user } from '../fakes/people.ts'

const list = fc.uniqueArray(
  fc.constantFrom(...[ada, grace, linus].map(({ id }) => user(id)), group(approversGroup), group(engineers)),
  {
    minLength: 1,
    maxLength: 3,
    selector: (each) => JSON.stringify(each),
  },
)
const approval = fc.record({
  approvers: list,
  timeoutMinutes: fc.constantFrom(5, 240, 1440),
  justification: fc.boolean(),
  byLink: fc.boolean(),
})
const demands: fc.Arbitrary<Demands> = fc.record({
  version: fc.nat(9),
  maximumDuration: fc.constantFrom('PT30M', 'PT1H', 'PT60M', 'PT8H', 'P1D', 'PT24H'),
  justification: fc.boolean(),
  ticket: fc.boolean(),
  mfa: fc.boolean(),
  contexts: fc.constantFrom([], ['c1'], ['c2']),
  approval: fc.option(approval),
})

const millis = ({ maximumDuration }: Demands) => durationMillis(maximumDuration, new Date(0))
const names = (each: { userId?: string; groupId?: string }) => each.userId ?? each.groupId
const lists = ({ approval: asked }: Demands) =>
  asked
    ? approverLists(asked).map((each) =>
        each
          .map((one) => names(one as object))
          .sort()
          .join(),
      )
    : []

/** Whatever satisfies `a` satisfies `b`. */
function isAtLeast(a: Demands, b: Demands): boolean {
  const asks = (what: 'justification' | 'ticket' | 'mfa') => a[what] || !b[what]
  return (
    millis(a) <= millis(b) &&
    asks('justification') &&
    asks('ticket') &&
    asks('mfa') &&
    b.contexts.every((each) => a.contexts.includes(each)) &&
    (!b.approval ||
      (a.approval !== null &&
        lists(b).every((each) => lists(a).includes(each)) &&
        a.approval.timeoutMinutes <= b.approval.timeoutMinutes &&
        (a.approval.justification || !b.approval.justification) &&
        (!a.approval.byLink || b.approval.byLink)))
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
      mfa: false,
      contexts: [],
      approval: { approvers, timeoutMinutes: 60, justification: true, byLink: true },
    })
    expect(lists(stricter(by(user(grace.id)), by(user(linus.id))))).toEqual([grace.id, linus.id])
    expect(
      lists(stricter(by(user(grace.id), user(linus.id)), by(user(linus.id), user(grace.id)))),
    ).toHaveLength(1)
  })
})
