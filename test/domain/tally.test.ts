import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Activity, AuditEvent } from '../../src/domain/audit.ts'
import {
  COUNTED,
  type Countable,
  countable,
  counted,
  type Tally,
  together,
  topRoles,
} from '../../src/domain/tally.ts'
import { ada, exchangeRole } from '../fakes/people.ts'
import { HOSTILE } from '../words/hostile.ts'

const eventOf = (activityDisplayName: Activity, more: Partial<AuditEvent> = {}): AuditEvent => ({
  id: 'req-1.provisioned',
  activityDateTime: '2030-01-01T09:00:00.000Z',
  activityDisplayName,
  category: 'RoleManagement',
  loggedByService: 'PIM',
  result: 'success',
  resultReason: '',
  initiatedBy: ada,
  principal: ada,
  role: { ...exchangeRole, displayName: 'Exchange Administrator' },
  correlationId: 'req-1',
  additionalDetails: [],
  ...more,
})
const detail = (...pairs: [string, string][]) => ({
  additionalDetails: pairs.map(([key, value]) => ({ key, value })),
})
const NEVER: [string, string] = ['expiration', 'never']
const SOME_DAY: [string, string] = ['expiration', '2031-01-01T00:00:00.000Z']

describe('of an event is counted', () => {
  test.each<[string, AuditEvent, string[]]>([
    ['an activation', eventOf('Add member to role completed (PIM activation)'), ['activated']],
    [
      'not one that failed',
      eventOf('Add member to role completed (PIM activation)', { result: 'failure' }),
      [],
    ],
    [
      'not one that was removed outside and is given again',
      eventOf('Add member to role completed (PIM activation)', { id: 'req-1.provisioned-1' }),
      [],
    ],
    ['not one that is asked for', eventOf('Add member to role requested (PIM activation)'), []],
    ['for good', eventOf('Add member to role in PIM completed (permanent)'), ['permanent', 'inside']],
    ['until a day', eventOf('Add member to role in PIM completed (timebound)', detail(SOME_DAY)), ['inside']],
    [
      'again, for good',
      eventOf('Add member to role in PIM completed (renew)', detail(NEVER)),
      ['permanent', 'inside'],
    ],
    [
      'again, until a day',
      eventOf('Add member to role in PIM completed (renew)', detail(SOME_DAY)),
      ['inside'],
    ],
    [
      'made permanent',
      eventOf(
        'Update member in PIM completed (permanent)',
        detail(['previousExpiration', SOME_DAY[1]], NEVER),
      ),
      ['permanent'],
    ],
    [
      'but not what was permanent before',
      eventOf('Update member in PIM completed (permanent)', detail(['previousExpiration', 'never'], NEVER)),
      [],
    ],
    ['not only extended', eventOf('Update member in PIM completed (extend)', detail(SOME_DAY)), []],
    ['eligible, for good', eventOf('Add eligible member to role in PIM completed (permanent)'), ['inside']],
    [
      'eligible, until a day',
      eventOf('Add eligible member to role in PIM completed (timebound)'),
      ['inside'],
    ],
    ['outside', eventOf('Add member to role outside of PIM (permanent)'), ['outside']],
    [
      'not what may have stood for years',
      eventOf('Add member to role outside of PIM (permanent)', detail(['atFirstLook', 'true'])),
      [],
    ],
    ['an emergency', eventOf('Break-glass account concerned'), ['breakGlass']],
    ['nothing of an end', eventOf('Remove member from role (PIM activation expired)'), []],
  ])('%s', (_name, event, kinds) => expect(countable(event)?.counts ?? []).toEqual(kinds))
})

const fresh = fc.record({
  id: fc.uuid(),
  at: fc
    .date({ min: new Date('2030-01-01'), max: new Date('2030-01-08'), noInvalidDate: true })
    .map((at) => at.toISOString()),
  provider: fc.constantFrom('directory' as const, 'azure' as const, 'group' as const),
  role: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  title: fc.constant('a role'),
  who: fc.constant({ id: ada.id, displayName: 'Ada' }),
  counts: fc.subarray([...COUNTED], { minLength: 1 }),
}) as fc.Arbitrary<Countable>

describe('tallies', () => {
  test('come to the same whatever the order, and in however many parts they were counted', () => {
    fc.assert(
      fc.property(fc.array(fresh, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (all, size) => {
        const whole = counted({}, all)
        let inSteps: Tally = {}
        const parts: Tally[] = []
        const backwards = [...all].reverse()
        for (let start = 0; start < all.length; start += size) {
          const some = backwards.slice(start, start + size)
          inSteps = counted(inSteps, some)
          parts.push(counted({}, some))
        }
        const settled = (tally: Tally) =>
          Object.fromEntries(
            Object.entries(tally)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([provider, of]) => [provider, { ...of, roles: topRoles(of.roles, 100) }]),
          )
        expect(settled(inSteps)).toEqual(settled(whole))
        expect(settled(together(parts))).toEqual(settled(whole))
        for (const kind of COUNTED) {
          const sum = Object.values(whole).reduce((total, of) => total + of.counts[kind], 0)
          expect(sum).toBe(all.filter(({ counts }) => counts.includes(kind)).length)
        }
      }),
    )
  })

  test('fit into a row, however many roles there are and whatever they are called', () => {
    for (const [, text] of HOSTILE) {
      let tally: Tally = {}
      for (let n = 0; n < 300; n++) {
        const provider = (['directory', 'azure', 'group'] as const)[n % 3] as 'azure'
        const role = {
          provider,
          roleDefinitionId: `${n}`,
          scope: `/${'x'.repeat(n * 2)}`,
          displayName: text.repeat(20),
        }
        const principal = { id: ada.id, displayName: text.repeat(20) }
        const events = (
          [
            'Add member to role in PIM completed (permanent)',
            'Add member to role outside of PIM (permanent)',
            'Break-glass account concerned',
          ] as const
        ).map((name) =>
          eventOf(name, { role, principal, correlationId: `req-${'1'.repeat(32)}-${'z'.repeat(21)}` }),
        )
        tally = counted(
          tally,
          events.flatMap((event) => countable(event) ?? []),
        )
      }
      expect(JSON.stringify(tally).length).toBeLessThan(32 * 1024)
      expect(tally.azure?.counts).toMatchObject({ permanent: 100, outside: 100, breakGlass: 100 })
    }
  })
})
