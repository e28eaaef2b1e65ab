import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  loss,
  membershipIn,
  neverUnheld,
  takesTheLast,
  type Way,
} from '../../src/domain/last-administrator.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import { ada, exchangeRole, grace, ken, linus } from '../fakes/people.ts'

const [global, privileged] = ADMINISTRATORS.map((roleDefinitionId) => ({
  ...exchangeRole,
  roleDefinitionId,
})) as [Role, Role]
const GROUP = '22222222-0000-4000-8000-000000000009'
const NOW = new Date('2030-01-01T09:00:00.000Z')
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()

const directly = (person: Way['person']): Way => ({ person, restsOn: [loss(person.id, global)] })
const throughGroup = (person: Way['person']): Way => ({
  person,
  restsOn: [loss(GROUP, global), loss(person.id, membershipIn(GROUP))],
})

describe('the roles that never go without a holder', () => {
  test.each([
    ['Global Administrator in the whole tenant', global, true],
    ['Privileged Role Administrator in the whole tenant', privileged, true],
    ['another role', exchangeRole, false],
    [
      'the role over one unit only',
      { ...global, scope: '/administrativeUnits/44444444-0000-4000-8000-000000000001' },
      false,
    ],
    ['a role of another provider', { ...global, provider: 'azure' as const }, false],
  ])('%s: %#', (_, role, expected) => expect(neverUnheld(role)).toBe(expected))
})

describe('the last one', () => {
  const adas = loss(ada.id, global)
  const cases: [string, Way[], string, { loss: string; at: string }[], boolean][] = [
    ['stays when nobody else holds it', [directly(ada)], adas, [], true],
    ['goes when somebody else does', [directly(ada), directly(grace)], adas, [], false],
    ['goes when somebody else does through a group', [directly(ada), throughGroup(grace)], adas, [], false],
    ['goes when they hold it another way themselves', [directly(ada), throughGroup(ada)], adas, [], false],
    ['stays when all others are disabled', [directly(ada), directly(ken)], adas, [], true],
    ['is not one whose own account is disabled', [directly(ken)], loss(ken.id, global), [], false],
    ['is not one who does not hold it', [directly(grace)], adas, [], false],
    [
      'stays when the only other is just losing it',
      [directly(ada), directly(grace)],
      adas,
      [{ loss: loss(grace.id, global), at: ago(1) }],
      true,
    ],
    [
      'goes when what the other was losing has shown long since',
      [directly(ada), directly(grace)],
      adas,
      [{ loss: loss(grace.id, global), at: ago(16) }],
      false,
    ],
    [
      'is judged again when it was about to go before',
      [directly(ada), directly(grace)],
      adas,
      [{ loss: adas, at: ago(1) }],
      false,
    ],
    ['stays in the group that holds it', [throughGroup(ada)], loss(ada.id, membershipIn(GROUP)), [], true],
    [
      'may leave the group as long as another member stays',
      [throughGroup(ada), throughGroup(grace)],
      loss(ada.id, membershipIn(GROUP)),
      [],
      false,
    ],
    [
      'is a whole group, when only its members hold it',
      [throughGroup(ada), throughGroup(grace)],
      loss(GROUP, global),
      [],
      true,
    ],
    [
      'stays when the group that the other is in is losing it',
      [directly(ada), throughGroup(grace)],
      adas,
      [{ loss: loss(GROUP, global), at: ago(1) }],
      true,
    ],
  ]
  test.each(cases)('%s', (_, ways, wouldLose, departures, expected) =>
    expect(takesTheLast(ways, wouldLose, departures, NOW)).toBe(expected),
  )

  test('whoever goes in whatever order, one after the other: an active holder remains', () => {
    const all = [directly(ada), directly(grace), throughGroup(ada), throughGroup(linus), directly(ken)]
    const losses = [...new Set(all.flatMap(({ restsOn }) => restsOn))]
    fc.assert(
      fc.property(
        fc.subarray(all, { minLength: 1 }),
        fc.array(fc.constantFrom(...losses)),
        (start, sequence) => {
          fc.pre(start.some(({ person }) => person.accountEnabled))
          let ways = start
          for (const each of sequence)
            if (!takesTheLast(ways, each, [], NOW))
              ways = ways.filter(({ restsOn }) => !restsOn.includes(each))
          expect(ways.some(({ person }) => person.accountEnabled)).toBe(true)
        },
      ),
    )
  })
})
