import { type Approver, type Rule, ruleOf } from './rules.ts'
import { durationMillis } from './schedule.ts'

/** What an activation is measured by: the rules, read once and in plain terms. */
export type Demands = {
  version: number
  maximumDuration: string
  justification: boolean
  ticket: boolean
  mfa: boolean
  /** The authentication contexts that the token must carry: none or one by any settings, perhaps two by two of them. */
  contexts: readonly string[]
  approval: ApprovalDemand | null
}

export type ApprovalDemand = {
  approvers: Approver[]
  /** Further lists that must name whoever decides, where two settings are judged by at once. */
  and?: Approver[][]
  timeoutMinutes: number
  justification: boolean
  byLink: boolean
}

/** Reads rules in force, all seventeen. `isPrivileged` decides what the link may do where the settings do not say. */
export function demandsOf(
  { version, rules }: { version: number; rules: readonly Rule[] },
  isPrivileged: boolean,
): Demands {
  const enabled = ruleOf(rules, 'Enablement_EndUser_Assignment').enabledRules
  const { setting } = ruleOf(rules, 'Approval_EndUser_Assignment')
  const context = ruleOf(rules, 'AuthenticationContext_EndUser_Assignment')
  const [stage] = setting.approvalStages
  return {
    version,
    maximumDuration: ruleOf(rules, 'Expiration_EndUser_Assignment').maximumDuration,
    justification: enabled.includes('Justification'),
    ticket: enabled.includes('Ticketing'),
    mfa: enabled.includes('MultiFactorAuthentication'),
    contexts: context.isEnabled && context.claimValue ? [context.claimValue] : [],
    approval:
      setting.isApprovalRequired && stage
        ? {
            approvers: stage.primaryApprovers.map(withoutDescription),
            timeoutMinutes: stage.approvalStageTimeOutInMinutes ?? stage.approvalStageTimeOutInDays * 24 * 60,
            justification: stage.isApproverJustificationRequired,
            byLink: stage.isDecisionByLinkAllowed ?? !isPrivileged,
          }
        : null,
  }
}

/** Who is asked is kept with a request; what administrators noted about them stays in the settings. */
const withoutDescription = ({ description: _, ...approver }: Approver): Approver => approver

/**
 * Of two demands the stricter one in everything: what satisfies it satisfies both. So a request is judged by the settings
 * that it was made under and by those in force: nobody gets by an old request what the settings refuse by now, nor by new
 * settings what was refused when it was asked for.
 */
export function stricter(a: Demands, b: Demands): Demands {
  return {
    version: Math.max(a.version, b.version),
    maximumDuration: shorter(a.maximumDuration, b.maximumDuration),
    justification: a.justification || b.justification,
    ticket: a.ticket || b.ticket,
    mfa: a.mfa || b.mfa,
    contexts: [...new Set([...a.contexts, ...b.contexts])].sort(),
    approval:
      a.approval && b.approval ? stricterApproval(a.approval, b.approval) : (a.approval ?? b.approval),
  }
}

function stricterApproval(a: ApprovalDemand, b: ApprovalDemand): ApprovalDemand {
  const [approvers = [], ...and] = eachOnce([...approverLists(a), ...approverLists(b)])
  return {
    approvers,
    ...(and.length > 0 && { and }),
    timeoutMinutes: Math.min(a.timeoutMinutes, b.timeoutMinutes),
    justification: a.justification || b.justification,
    byLink: a.byLink && b.byLink,
  }
}

/** Every list that must name whoever decides. */
export const approverLists = ({ approvers, and = [] }: ApprovalDemand): Approver[][] => [approvers, ...and]

/** Lists of the same people are one, in whatever order they are written; and it does not matter which came first. */
function eachOnce(lists: Approver[][]): Approver[][] {
  const known = new Map<string, Approver[]>()
  for (const list of [...lists].sort(byText).reverse()) known.set([...list].map(keyOf).sort().join(), list)
  return [...known.values()].sort(byText)
}

const byText = (one: Approver[], other: Approver[]) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

const keyOf = (approver: Approver) => ('userId' in approver ? `u${approver.userId}` : `g${approver.groupId}`)

function shorter(a: string, b: string): string {
  const [long, longer] = [a, b].map((duration) => durationMillis(duration, new Date(0))) as [number, number]
  if (long === longer) return a < b ? a : b
  return long < longer ? a : b
}
