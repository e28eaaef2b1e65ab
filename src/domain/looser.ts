import { approverKey } from './approver.ts'
import type { Rule } from './role-settings.ts'
import { durationMillis } from './schedule.ts'
import { deskKey } from './ticket-check.ts'

type RuleOf<T extends string, R = Rule> = R extends { '@odata.type': `${string}${T}` } ? R : never

/**
 * The ids of the rules that ask for less after a change than before: of those who activate, of those who assign, of those
 * who approve, or tell fewer people. What cannot be compared, such as other approvers, counts as less. Empty: it is as
 * strict as it was, or stricter.
 */
export function looserRules(before: readonly Rule[], after: readonly Rule[]): Rule['id'][] {
  return after.flatMap((rule) => {
    const old = before.find(({ id }) => id === rule.id)
    return old && isLooser(old, rule) ? [rule.id] : []
  })
}

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

const EPOCH = new Date(0)

function expiresLater(before: RuleOf<'ExpirationRule'>, after: RuleOf<'ExpirationRule'>): boolean {
  if (before.isExpirationRequired && !after.isExpirationRequired) return true
  return durationMillis(after.maximumDuration, EPOCH) > durationMillis(before.maximumDuration, EPOCH)
}

const lacks = <T>(before: readonly T[], after: readonly T[]) => before.some((each) => !after.includes(each))

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

type Setting = RuleOf<'ApprovalRule'>['setting']

const textOf = (value: object) => JSON.stringify(value)

function approvesMoreEasily(before: Setting, after: Setting): boolean {
  if (before.isApprovalRequiredForExtension && !after.isApprovalRequiredForExtension) return true
  if (before.isRequestorJustificationRequired && !after.isRequestorJustificationRequired) return true
  if (!before.isApprovalRequired) return false
  if (!after.isApprovalRequired) return true
  if (lacks((after.autoApproval ?? []).map(textOf), (before.autoApproval ?? []).map(textOf))) return true
  const [old, next] = [before.approvalStages, after.approvalStages]
  return next.length < old.length || next.some((stage, index) => isEasierStage(old[index], stage))
}

type Stage = Setting['approvalStages'][number]

function isEasierStage(before: Stage | undefined, after: Stage): boolean {
  if (!before) return false // one more has to agree
  const [old, next] = [before, after].map((stage) => ({
    required: stage.approvalsRequired ?? 1,
    counts: stage.isEarlierApproverExcluded ?? true,
    silence: stage.timeOutAction === 'Approve',
    people: peopleIn(stage),
  })) as [Strength, Strength]
  if (before.isApproverJustificationRequired && !after.isApproverJustificationRequired) return true
  if (LINK.indexOf(byLink(after)) > LINK.indexOf(byLink(before))) return true
  if (next.required < old.required || (old.counts && !next.counts) || (next.silence && !old.silence))
    return true
  return lacks(next.people, old.people)
}

type Strength = { required: number; counts: boolean; silence: boolean; people: string[] }

/** All who may decide sooner or later. */
const peopleIn = (stage: Stage) =>
  [
    ...stage.primaryApprovers,
    ...(stage.fallbackPrimaryApprovers ?? []),
    ...(stage.isEscalationEnabled ? stage.escalationApprovers : []),
  ].map(approverKey)

/** From the strictest on: not said is no for a privileged role, yes for others. */
const LINK: readonly (boolean | null)[] = [false, null, true]
const byLink = ({ isDecisionByLinkAllowed }: Stage) => isDecisionByLinkAllowed ?? null

const LEVELS: readonly RuleOf<'NotificationRule'>['notificationLevel'][] = ['None', 'Critical', 'All']

function tellsFewer(before: RuleOf<'NotificationRule'>, after: RuleOf<'NotificationRule'>): boolean {
  if (LEVELS.indexOf(after.notificationLevel) < LEVELS.indexOf(before.notificationLevel)) return true
  if (before.isDefaultRecipientsEnabled && !after.isDefaultRecipientsEnabled) return true
  return lacks(before.notificationRecipients, after.notificationRecipients)
}
