import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { looserRules } from '../../src/domain/looser.ts'
import { changedRules, defaultRules, Rule } from '../../src/domain/role-settings.ts'
import { approversGroup, grace, group, linus, user } from '../fakes/people.ts'
import { approvalRule, enablement } from '../fakes/world.ts'

const base = '#microsoft.graph.unifiedRoleManagementPolicy'
const rulesWith = (...rules: Rule[]) => changedRules(defaultRules(), rules)
const lasting = (maximumDuration: string, isExpirationRequired = true) =>
  Rule.parse({
    '@odata.type': `${base}ExpirationRule`,
    id: 'Expiration_EndUser_Assignment',
    isExpirationRequired,
    maximumDuration,
  })
const context = (isEnabled: boolean, claimValue: string | null) =>
  Rule.parse({
    '@odata.type': `${base}AuthenticationContextRule`,
    id: 'AuthenticationContext_EndUser_Assignment',
    isEnabled,
    claimValue,
  })
const notices = (more: object) =>
  Rule.parse({
    '@odata.type': `${base}NotificationRule`,
    id: 'Notification_Admin_EndUser_Assignment',
    recipientType: 'Admin',
    notificationLevel: 'All',
    isDefaultRecipientsEnabled: true,
    notificationRecipients: [],
    ...more,
  })
const nobodyAsked = defaultRules().find(({ id }) => id === 'Approval_EndUser_Assignment') as Rule
const approval = (stage: object = {}, ...approvers: Parameters<typeof approvalRule>[0] & object) =>
  approvalRule(approvers, stage)

describe('looser is', () => {
  const cases: [string, Rule, Rule][] = [
    ['a longer maximum', lasting('PT2H'), lasting('PT3H')],
    ['no end asked for any more', lasting('PT2H'), lasting('PT2H', false)],
    ['a justification that is not asked for any more', enablement('Justification'), enablement()],
    [
      'a second factor exchanged for a ticket',
      enablement('MultiFactorAuthentication'),
      enablement('Ticketing'),
    ],
    ['no authentication context any more', context(true, 'c1'), context(false, 'c1')],
    ['another authentication context', context(true, 'c1'), context(true, 'c2')],
    ['no approval any more', approval({}, user(grace.id)), nobodyAsked],
    ['one more approver', approval({}, user(grace.id)), approval({}, user(grace.id), user(linus.id))],
    ['another approver', approval({}, user(grace.id)), approval({}, group(approversGroup))],
    [
      'approval without a reason',
      approval({}, user(grace.id)),
      approval({ isApproverJustificationRequired: false }, user(grace.id)),
    ],
    [
      'approval by the link alone',
      approval({}, user(grace.id)),
      approval({ isDecisionByLinkAllowed: true }, user(grace.id)),
    ],
    [
      'the link left to the default',
      approval({ isDecisionByLinkAllowed: false }, user(grace.id)),
      approval({}, user(grace.id)),
    ],
    ['fewer mails', notices({}), notices({ notificationLevel: 'Critical' })],
    ['mails to others only', notices({}), notices({ isDefaultRecipientsEnabled: false })],
    ['one recipient less', notices({ notificationRecipients: ['soc@contoso.example'] }), notices({})],
  ]
  test.each(cases)('%s', (_, before, after) =>
    expect(looserRules(rulesWith(before), rulesWith(after))).toEqual([after.id]),
  )

  test.each(cases)(
    'and the way back is not, unless neither way can be compared: %s',
    (what, before, after) => {
      const incomparable = /another|exchanged/.test(what)
      expect(looserRules(rulesWith(after), rulesWith(before)).length > 0).toBe(incomparable)
    },
  )
})

test('nothing is looser than itself, and what loosens one rule is named by that rule alone', () => {
  const some = [
    lasting('PT1H'),
    lasting('PT9H'),
    enablement(),
    enablement('Ticketing'),
    context(true, 'c1'),
    approval({}, user(grace.id)),
    notices({ notificationLevel: 'None' }),
  ]
  fc.assert(
    fc.property(fc.subarray(some), fc.subarray(some), (a, b) => {
      const [before, after] = [rulesWith(...a), rulesWith(...b)]
      expect(looserRules(before, before)).toEqual([])
      const each = after.flatMap((rule) => looserRules(before, changedRules(before, [rule])))
      expect(looserRules(before, after)).toEqual(each)
    }),
  )
})
