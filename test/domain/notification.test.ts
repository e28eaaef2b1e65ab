import { describe, expect, test } from 'vitest'
import {
  audienceOf,
  type Capacity,
  cellOf,
  isPressing,
  type Occasion,
  occasionOf,
  toldOf,
} from '../../src/domain/notification.ts'
import { changedRules, defaultRules, type Rule } from '../../src/domain/role-settings.ts'
import { NOTIFICATIONS } from '../../src/domain/rules.ts'
import { held, pending } from './requests.ts'

const CAPACITIES: Capacity[] = ['requester', 'approver', 'administrator']
const OCCASIONS: Occasion[] = ['Admin_Eligibility', 'Admin_Assignment', 'EndUser_Assignment']
const ADDRESS = 'soc@contoso.example'

test('three capacities and three occasions are the nine rules, each once', () => {
  const cells = CAPACITIES.flatMap((capacity) => OCCASIONS.map((occasion) => cellOf(capacity, occasion)))
  expect(cells.sort()).toEqual([...NOTIFICATIONS].sort())
})

test.each([
  ['EndUser_Assignment', pending],
  ['Admin_Assignment', { ...held, action: 'adminAssign' as const }],
  ['Admin_Assignment', { ...held, action: 'adminRenew' as const }],
  ['Admin_Eligibility', { ...pending, action: 'selfExtend' as const, about: 'eligibility' as const }],
  ['Admin_Assignment', { ...pending, action: 'selfExtend' as const, about: 'assignment' as const }],
  ['Admin_Assignment', { ...pending, action: 'selfRenew' as const, about: 'assignment' as const }],
])('its occasion is %s', (occasion, request) => expect(occasionOf(request)).toBe(occasion))

describe.each(['directory', 'azure', 'group'] as const)('of the provider %s', (provider) => {
  const rules = defaultRules(provider)
  const cell = (capacity: Capacity, occasion: Occasion, change: object): Rule[] => {
    const rule = rules.find(({ id }) => id === cellOf(capacity, occasion)) as Rule
    return changedRules(rules, [{ ...rule, ...change } as Rule])
  }

  describe.each(OCCASIONS)('%s', (occasion) => {
    describe.each(CAPACITIES)('%s', (capacity) => {
      const audience = (change: object, urgency: 'always' | 'critical' | 'ordinary') =>
        audienceOf(cell(capacity, occasion, change), capacity, occasion, urgency)

      test.each([
        ['as Microsoft sets it', {}, 'ordinary', true, []],
        ['with an address', { notificationRecipients: [ADDRESS] }, 'ordinary', true, [ADDRESS]],
        ['without those concerned', { isDefaultRecipientsEnabled: false }, 'critical', false, []],
        [
          'an address instead',
          { isDefaultRecipientsEnabled: false, notificationRecipients: [ADDRESS] },
          'ordinary',
          false,
          [ADDRESS],
        ],
        ['critical only, of what is', { notificationLevel: 'Critical' }, 'critical', true, []],
        ['critical only, of what is not', { notificationLevel: 'Critical' }, 'ordinary', false, []],
        [
          'critical only, the address neither',
          { notificationLevel: 'Critical', notificationRecipients: [ADDRESS] },
          'ordinary',
          false,
          [],
        ],
        ['none, of what is critical', { notificationLevel: 'None' }, 'critical', false, []],
        [
          'none, and still what is never silenced',
          { notificationLevel: 'None', isDefaultRecipientsEnabled: false },
          'always',
          true,
          [],
        ],
      ] as const)('%s', (_name, change, urgency, byDefault, addresses) =>
        expect(audience(change, urgency)).toEqual({ byDefault, addresses }),
      )

      test('depends on no other rule', () => {
        const others = changedRules(
          rules,
          rules.flatMap((rule) =>
            rule.id.startsWith('Notification_') && rule.id !== cellOf(capacity, occasion)
              ? [{ ...rule, notificationLevel: 'None' } as Rule]
              : [],
          ),
        )
        expect(audienceOf(others, capacity, occasion, 'ordinary').byDefault).toBe(true)
      })
    })
  })
})

describe('who is told, and whether "critical mails only" lets it through', () => {
  const A = 'Admin_Assignment'
  const E = 'Admin_Eligibility'
  const U = 'EndUser_Assignment'
  test.each([
    ['approvalRequested', U, 'approver critical'],
    ['approvalRequested', E, 'approver critical'],
    ['approvalRequested', A, 'approver critical'],
    ['approvalReminder', U, 'approver critical'],
    ['approvalEscalated', U, 'approver critical'],
    ['decided', U, 'requester ordinary, approver ordinary'],
    ['decided', E, 'requester ordinary, approver ordinary'],
    ['canceled', U, 'requester ordinary, approver ordinary'],
    ['timedOut', U, 'requester ordinary, approver ordinary'],
    ['activated', U, 'requester ordinary, administrator ordinary'],
    ['activated', A, 'requester ordinary, administrator ordinary'],
    ['ended', U, 'requester ordinary'],
    ['ended', A, 'requester ordinary, administrator ordinary'],
    ['failed', U, 'requester critical, administrator critical'],
    ['removalFailing', U, 'administrator always'],
    ['keptAsLast', U, 'requester always, administrator always'],
    ['assigned', E, 'requester ordinary, administrator ordinary'],
    ['moved', E, 'requester ordinary, administrator ordinary'],
    ['moved', A, 'requester ordinary, administrator ordinary'],
    ['removed', E, 'requester ordinary, administrator ordinary'],
    ['endsIn14Days', E, 'requester ordinary, administrator ordinary'],
    ['endsIn14Days', A, 'requester ordinary, administrator ordinary'],
    ['endsIn1Day', E, 'requester critical, administrator critical'],
    ['endsIn1Day', A, 'requester critical, administrator critical'],
    ['hasEnded', E, 'requester ordinary, administrator ordinary'],
  ] as const)('%s, %s: %s', (kind, occasion, told) => {
    const said = Object.entries(toldOf(kind, occasion)).map(([capacity, urgency]) => `${capacity} ${urgency}`)
    expect(said.join(', ')).toBe(told)
  })

  test.each([
    ['approvalRequested', true],
    ['failed', true],
    ['removalFailing', true],
    ['activated', false],
    ['decided', false],
  ] as const)('%s goes before what can wait: %s', (kind, expected) =>
    expect(isPressing({ kinds: [kind], request: pending, events: [] })).toBe(expected),
  )
})
