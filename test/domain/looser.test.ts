import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Approver } from '../../src/domain/approver.ts'
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
const changed = (rule: ReturnType<typeof approvalRule>, setting: object) =>
  Rule.parse({ ...rule, setting: { ...rule.setting, ...setting } })
const stages = (approvalMode: string, ...each: object[]) =>
  changed(approval(), {
    approvalMode,
    approvalStages: each.flatMap((stage) => approval(stage, user(grace.id)).setting.approvalStages),
  })
const forExtension = (who: Approver, stage: object = {}) =>
  changed(approval(stage, who), { isApprovalRequired: false, isApprovalRequiredForExtension: true })
const MANAGER: Approver = { '@odata.type': '#microsoft.graph.requestorManager', managerLevel: 1 }
const silent = { timeOutAction: 'Approve' }
const escalated = (escalationTimeInMinutes: number, who: Approver) => ({
  isEscalationEnabled: true,
  escalationTimeInMinutes,
  escalationApprovers: [who],
})
const checking = (more: object) => Rule.parse({ ...enablement('Justification'), ...more })

describe('looser is', () => {
  const cases: [string, Rule, Rule][] = [
    ['a longer maximum', lasting('PT2H'), lasting('PT3H')],
    ['months that may be longer than as many days', lasting('P59D'), lasting('P2M')],
    ['a year that may be a leap year', lasting('P365D'), lasting('P1Y')],
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
    [
      'silence that is a yes sooner',
      approval({ ...silent, approvalStageTimeOutInMinutes: 1440 }, user(grace.id)),
      approval({ ...silent, approvalStageTimeOutInMinutes: 5 }, user(grace.id)),
    ],
    [
      'silence that is a yes sooner, in minutes instead of days',
      approval({ ...silent, approvalStageTimeOutInMinutes: null }, user(grace.id)),
      approval({ ...silent, approvalStageTimeOutInMinutes: 1439 }, user(grace.id)),
    ],
    [
      'silence that is a yes in two stages at once instead of one after the other',
      stages('Serial', silent, silent),
      stages('Parallel', silent, silent),
    ],
    [
      'a stand-in of the manager who may decide beside the manager',
      approval({ fallbackPrimaryApprovers: [user(linus.id)] }, MANAGER),
      approval({}, MANAGER, user(linus.id)),
    ],
    [
      'a stand-in of the manager who could only decide later',
      approval(escalated(60, user(linus.id)), MANAGER),
      approval({ ...escalated(60, user(linus.id)), fallbackPrimaryApprovers: [user(linus.id)] }, MANAGER),
    ],
    [
      'somebody who may decide at once instead of later',
      approval(escalated(60, user(linus.id)), user(grace.id)),
      approval(escalated(60, user(linus.id)), user(grace.id), user(linus.id)),
    ],
    [
      'somebody who may decide sooner than before',
      approval(escalated(60, user(linus.id)), user(grace.id)),
      approval(escalated(59, user(linus.id)), user(grace.id)),
    ],
    [
      'a stand-in of the manager who is asked later, whether there is a manager or not, another way',
      approval({ fallbackPrimaryApprovers: [user(linus.id)] }, MANAGER),
      approval(escalated(60, user(linus.id)), MANAGER),
    ],
    [
      'another approver of extensions, where activating asks for none',
      forExtension(user(grace.id)),
      forExtension(user(linus.id)),
    ],
    [
      'approval of extensions without a reason, where activating asks for none',
      forExtension(user(grace.id)),
      forExtension(user(grace.id), { isApproverJustificationRequired: false }),
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

describe('the first check of tickets', () => {
  const byTicket = changed(approval({}, user(grace.id)), {
    autoApproval: [{ description: 'A change', isTicketRequired: true }],
  })
  const checks = [
    { ticketPattern: '.+' },
    { ticketCheck: { targetUrl: 'https://desk.contoso.example/check' } },
  ]
  const [none, first] = [checking({}), checking(checks[0] as object)]

  test.each(checks)('is looser where a ticket that passes it needs no approval: %j', (more) => {
    const [before, after] = [rulesWith(byTicket, none), rulesWith(byTicket, checking(more))]
    expect(looserRules(before, after)).toEqual([none.id])
    expect(looserRules(rulesWith(none), rulesWith(checking(more)))).toEqual([])
    expect(looserRules(rulesWith(none), rulesWith(checking(more)), true)).toEqual([none.id])
  })
  test('is no looser where that condition ends with it, or nobody is asked anyway', () => {
    const asked = approval({}, user(grace.id))
    expect(looserRules(rulesWith(byTicket, none), rulesWith(asked, first))).toEqual([])
    const unasked = changed(asked, { isApprovalRequired: false })
    expect(looserRules(rulesWith(unasked, none), rulesWith(unasked, first))).toEqual([])
  })
  test('is looser than another check, and another is looser than it; a second one beside it is not', () => {
    const [one, other] = checks.map((each) => rulesWith(byTicket, checking(each))) as [Rule[], Rule[]]
    const both = rulesWith(byTicket, checking(Object.assign({}, ...checks)))
    expect(looserRules(one, other)).toEqual([none.id])
    expect(looserRules(other, one)).toEqual([none.id])
    expect(looserRules(one, both)).toEqual([])
  })
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
