import { approvalFaults } from './approval-faults.ts'
import { type Rule, type RuleId, ruleOf } from './rules.ts'
import { durationMillis, HOUR, inWords, MINUTE } from './schedule.ts'

/** Why rules cannot stand: Microsoft's code, the rule and the field it is about, and what would stand. */
export type RuleFault = { code: 'InvalidPolicy' | 'MfaAndAcrsConflict'; target: string; message: string }

/** Why these rules, all seventeen as they would be in force, cannot stand. Empty: they can. `isPrivileged` undefined: nobody knows of what role. */
export function rulesFaults(rules: readonly Rule[], isPrivileged?: boolean): RuleFault[] {
  const approval = ruleOf(rules, 'Approval_EndUser_Assignment')
  return [
    ...ADMIN_RULES.flatMap((id) => durationFaults(rules, id, 5 * MINUTE, 10 * 366 * 24 * HOUR)),
    ...durationFaults(rules, 'Expiration_EndUser_Assignment', 30 * MINUTE, 24 * HOUR),
    ...endlessFaults(rules),
    ...proofFaults(rules),
    ...approvalFaults(approval.id, approval.setting, isPrivileged),
    ...ticketFaults(rules),
  ]
}

const ADMIN_RULES = ['Expiration_Admin_Eligibility', 'Expiration_Admin_Assignment'] as const

const invalid = (target: string, message: string): RuleFault => ({ code: 'InvalidPolicy', target, message })

function durationFaults(
  rules: readonly Rule[],
  id: Extract<RuleId, `Expiration_${string}`>,
  shortest: number,
  longest: number,
): RuleFault[] {
  const { maximumDuration } = ruleOf(rules, id)
  const millis = durationMillis(maximumDuration, new Date(0))
  if (millis >= shortest && millis <= longest) return []
  const message = `It must be from ${inWords(shortest)} to ${inWords(longest)} long, not ${maximumDuration}.`
  return [invalid(`${id}.maximumDuration`, message)]
}

/** What is activated always ends: that is what activating is. */
function endlessFaults(rules: readonly Rule[]): RuleFault[] {
  const id = 'Expiration_EndUser_Assignment'
  if (ruleOf(rules, id).isExpirationRequired) return []
  return [invalid(`${id}.isExpirationRequired`, 'An activation must end: this cannot be switched off.')]
}

function proofFaults(rules: readonly Rule[]): RuleFault[] {
  const mfa = ruleOf(rules, 'Enablement_EndUser_Assignment').enabledRules.includes(
    'MultiFactorAuthentication',
  )
  const context = ruleOf(rules, 'AuthenticationContext_EndUser_Assignment')
  if (!context.isEnabled) return []
  const faults: RuleFault[] = []
  if (mfa)
    faults.push({
      code: 'MfaAndAcrsConflict',
      target: context.id,
      message: 'Ask for multifactor authentication or for an authentication context, not for both.',
    })
  if (!context.claimValue)
    faults.push(
      invalid(
        `${context.id}.claimValue`,
        'An authentication context that is asked for must be named (c1 to c99).',
      ),
    )
  return faults
}

/** Administrators give no reason by a ticket's number: what it looks like, and whether it is right, is asked of those who activate. */
function ticketFaults(rules: readonly Rule[]): RuleFault[] {
  return (['Enablement_Admin_Eligibility', 'Enablement_Admin_Assignment'] as const).flatMap((id) =>
    (['ticketPattern', 'ticketCheck'] as const)
      .filter((field) => ruleOf(rules, id)[field])
      .map((field) => invalid(`${id}.${field}`, 'It is for Enablement_EndUser_Assignment alone.')),
  )
}
