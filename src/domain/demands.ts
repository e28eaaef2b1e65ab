import { type ApprovalDemand, approvalDemandOf, stricterApproval } from './approval-demand.ts'
import { type Rule, ruleOf } from './rules.ts'
import { durationMillis } from './schedule.ts'
import { type DeskDemand, deskDemand, mergedDesks } from './ticket-check.ts'

/** What an activation is measured by: the rules, read once and in plain terms. */
export type Demands = {
  version: number
  maximumDuration: string
  justification: boolean
  ticket: boolean
  /** What a ticket's number must look like, each of them: none or one by any settings, perhaps two by two of them. */
  ticketPatterns: readonly string[]
  /** Who is asked whether a ticket is right, each of them; absent: nobody. */
  ticketDesks?: readonly DeskDemand[]
  mfa: boolean
  /** The authentication contexts that the token must carry: none or one by any settings, perhaps two by two of them. */
  contexts: readonly string[]
  approval: ApprovalDemand | null
}

/**
 * Reads rules in force, all seventeen. `isPrivileged` decides what the link may do where the settings do not say; `isExtension`: of
 * what is active already, which may need an approval where activating does not.
 */
export function demandsOf(
  { version, rules }: { version: number; rules: readonly Rule[] },
  isPrivileged: boolean,
  isExtension = false,
): Demands {
  const enablement = ruleOf(rules, 'Enablement_EndUser_Assignment')
  const { enabledRules: enabled, ticketPattern, ticketCheck } = enablement
  const { setting } = ruleOf(rules, 'Approval_EndUser_Assignment')
  const context = ruleOf(rules, 'AuthenticationContext_EndUser_Assignment')
  return {
    version,
    maximumDuration: ruleOf(rules, 'Expiration_EndUser_Assignment').maximumDuration,
    justification: enabled.includes('Justification'),
    ticket: enabled.includes('Ticketing'),
    ticketPatterns: ticketPattern ? [ticketPattern] : [],
    ...(ticketCheck && { ticketDesks: [deskDemand(ticketCheck)] }),
    mfa: enabled.includes('MultiFactorAuthentication'),
    contexts: context.isEnabled && context.claimValue ? [context.claimValue] : [],
    approval:
      setting.isApprovalRequired || (isExtension && setting.isApprovalRequiredForExtension)
        ? approvalDemandOf(setting, isPrivileged, ticketCheck)
        : null,
  }
}

/**
 * Of two demands the stricter one in everything: what satisfies it satisfies both. So a request is judged by the settings
 * that it was made under and by those in force: nobody gets by an old request what the settings refuse by now, nor by new
 * settings what was refused when it was asked for.
 */
export function stricter(a: Demands, b: Demands): Demands {
  const ticketDesks = mergedDesks([...(a.ticketDesks ?? []), ...(b.ticketDesks ?? [])])
  return {
    version: Math.max(a.version, b.version),
    maximumDuration: shorter(a.maximumDuration, b.maximumDuration),
    justification: a.justification || b.justification,
    ticket: a.ticket || b.ticket,
    ticketPatterns: [...new Set([...a.ticketPatterns, ...b.ticketPatterns])].sort(),
    ...(ticketDesks.length > 0 && { ticketDesks }),
    mfa: a.mfa || b.mfa,
    contexts: [...new Set([...a.contexts, ...b.contexts])].sort(),
    approval:
      a.approval && b.approval ? stricterApproval(a.approval, b.approval) : (a.approval ?? b.approval),
  }
}

function shorter(a: string, b: string): string {
  const [long, longer] = [a, b].map((duration) => durationMillis(duration, new Date(0))) as [number, number]
  if (long === longer) return a < b ? a : b
  return long < longer ? a : b
}
