import { approvesMoreEasily, isAsked, lacks } from './looser-approval.ts'
import type { Rule } from './role-settings.ts'
import { durationMillis } from './schedule.ts'
import { deskKey } from './ticket-check.ts'

type RuleOf<T extends string, R = Rule> = R extends { '@odata.type': `${string}${T}` } ? R : never

/**
 * The ids of the rules that ask for less after a change than before: of those who activate, of those who assign, of those
 * who approve, or tell fewer people. What cannot be compared, such as other approvers, counts as less. Empty: it is as
 * strict as it was, or stricter. `isInheritedBelow`: other scopes take over these rules, and have others of their own beside them.
 */
export function looserRules(
  before: readonly Rule[],
  after: readonly Rule[],
  isInheritedBelow = false,
): Rule['id'][] {
  const isWaived = isInheritedBelow || [before, after].every(waivesByTicket)
  return after.flatMap((rule) => {
    const old = before.find(({ id }) => id === rule.id)
    if (!old) return []
    return isLooser(old, rule) || (isWaived && isFirstCheck(old, rule)) ? [rule.id] : []
  })
}

/** Is nobody asked where a ticket passes its check? */
function waivesByTicket(rules: readonly Rule[]): boolean {
  const approval = rules.find((rule) => rule.id === 'Approval_EndUser_Assignment')
  const isByTicket = approval?.setting.autoApproval?.some(({ isTicketRequired }) => isTicketRequired)
  return approval !== undefined && isAsked(approval.setting) && isByTicket === true
}

/** As long as nothing checks tickets, none passes: the first check lets pass those that it takes. */
const isFirstCheck = (before: Rule, after: Rule) => !checks(before) && checks(after)
const checks = (rule: Rule) =>
  rule.id === 'Enablement_EndUser_Assignment' && Boolean(rule.ticketPattern || rule.ticketCheck)

function isLooser(before: Rule, after: Rule): boolean {
  const [kind] = /[A-Za-z]+Rule$/.exec(after['@odata.type'].replace('unifiedRoleManagementPolicy', '')) ?? []
  switch (kind) {
    case 'ExpirationRule':
      return expiresLater(before as RuleOf<'ExpirationRule'>, after as RuleOf<'ExpirationRule'>)
    case 'EnablementRule':
      return asksForLess(before as RuleOf<'EnablementRule'>, after as RuleOf<'EnablementRule'>)
    case 'AuthenticationContextRule':
      return asksForAnotherContext(
        before as RuleOf<'AuthenticationContextRule'>,
        after as RuleOf<'AuthenticationContextRule'>,
      )
    case 'ApprovalRule':
      return approvesMoreEasily(
        (before as RuleOf<'ApprovalRule'>).setting,
        (after as RuleOf<'ApprovalRule'>).setting,
      )
    case 'NotificationRule':
      return tellsFewer(before as RuleOf<'NotificationRule'>, after as RuleOf<'NotificationRule'>)
    default:
      return true // a kind of rule that nobody has thought about here
  }
}

/** Months and years differ in length: what is longer from any of these days on counts as longer. */
const ANY_MONTH = Array.from({ length: 48 }, (_, month) => new Date(Date.UTC(2028, month)))

function expiresLater(before: RuleOf<'ExpirationRule'>, after: RuleOf<'ExpirationRule'>): boolean {
  if (before.isExpirationRequired && !after.isExpirationRequired) return true
  return isLonger(after.maximumDuration, before.maximumDuration)
}

function isLonger(after: string, before: string): boolean {
  if (after === before) return false
  const starts = [after, before].some((each) => /^P[^T]*[YM]/i.test(each)) ? ANY_MONTH : ANY_MONTH.slice(0, 1)
  return starts.some((start) => durationMillis(after, start) > durationMillis(before, start))
}

/** Another pattern may let more numbers pass, and another desk more tickets: that cannot be compared. */
function asksForLess(before: RuleOf<'EnablementRule'>, after: RuleOf<'EnablementRule'>): boolean {
  const isOther = !!before.ticketPattern && after.ticketPattern !== before.ticketPattern
  const [old, next] = [before.ticketCheck, after.ticketCheck]
  const isOtherDesk = !!old && (!next || deskKey(old) !== deskKey(next))
  const mayApprove = !!next?.mayAutoApprove && !old?.mayAutoApprove
  return isOther || isOtherDesk || mayApprove || lacks(before.enabledRules, after.enabledRules)
}

function asksForAnotherContext(
  before: RuleOf<'AuthenticationContextRule'>,
  after: RuleOf<'AuthenticationContextRule'>,
): boolean {
  return before.isEnabled && (!after.isEnabled || after.claimValue !== before.claimValue)
}

const LEVELS: readonly RuleOf<'NotificationRule'>['notificationLevel'][] = ['None', 'Critical', 'All']

function tellsFewer(before: RuleOf<'NotificationRule'>, after: RuleOf<'NotificationRule'>): boolean {
  if (LEVELS.indexOf(after.notificationLevel) < LEVELS.indexOf(before.notificationLevel)) return true
  if (before.isDefaultRecipientsEnabled && !after.isDefaultRecipientsEnabled) return true
  return lacks(before.notificationRecipients, after.notificationRecipients)
}
