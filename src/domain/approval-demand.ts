import type { ApprovalSetting } from './approval-rule.ts'
import { approverKey, type StagePeople, withoutDescription } from './approver.ts'
import type { AutoCondition } from './auto-approval.ts'
import { deskKey, type TicketCheck } from './ticket-check.ts'

/** What an approval takes, in plain terms. */
export type ApprovalDemand = {
  mode: 'Serial' | 'Parallel'
  stages: StageDemand[]
  /** One of each of these lists must fit for an approval at once; no list: there is no such thing. */
  automatic: AutoCondition[][]
}

export type StageDemand = {
  /** Each of these must name whoever decides: one, or more where several settings are judged by at once. */
  people: StagePeople[]
  approvalsRequired: number
  excludesEarlier: boolean
  justification: boolean
  byLink: boolean
  timeoutMinutes: number
  escalateAfterMinutes: number | null
  /** Null: once, halfway. */
  remindEveryMinutes: number | null
  approvesUnanswered: boolean
}

/** Reads the setting. Of a privileged role nothing is decided by a link where nobody has said so, and by silence never. */
export function approvalDemandOf(
  setting: ApprovalSetting,
  isPrivileged: boolean,
  check?: TicketCheck | null,
): ApprovalDemand {
  const { approvalMode, approvalStages } = setting
  const automatic: AutoCondition[] = [
    ...(setting.autoApproval ?? []),
    ...(check?.mayAutoApprove ? [{ description: 'Ticket check', byDesk: deskKey(check) }] : []),
  ]
  const stages = approvalStages.map((stage): StageDemand => {
    const { fallbackPrimaryApprovers: fallback, escalationApprovers: escalation } = stage
    const people: StagePeople = {
      approvers: stage.primaryApprovers.map(withoutDescription),
      ...(fallback?.length && { fallback: fallback.map(withoutDescription) }),
      ...(stage.isEscalationEnabled && { escalation: escalation.map(withoutDescription) }),
    }
    return {
      people: [people],
      approvalsRequired: stage.approvalsRequired ?? 1,
      excludesEarlier: stage.isEarlierApproverExcluded ?? true,
      justification: stage.isApproverJustificationRequired,
      byLink: stage.isDecisionByLinkAllowed ?? !isPrivileged,
      timeoutMinutes: stage.approvalStageTimeOutInMinutes ?? stage.approvalStageTimeOutInDays * 24 * 60,
      escalateAfterMinutes: stage.isEscalationEnabled ? stage.escalationTimeInMinutes : null,
      remindEveryMinutes: stage.reminderIntervalInMinutes ?? null,
      approvesUnanswered: !isPrivileged && stage.timeOutAction === 'Approve',
    }
  })
  return {
    mode: approvalMode === 'Parallel' ? 'Parallel' : 'Serial',
    stages,
    automatic: automatic.length > 0 ? [automatic] : [],
  }
}

/** The stricter of two in everything: what satisfies it satisfies both. */
export function stricterApproval(a: ApprovalDemand, b: ApprovalDemand): ApprovalDemand {
  const [long, short] = a.stages.length >= b.stages.length ? [a, b] : [b, a]
  const hasBoth = a.automatic.length > 0 && b.automatic.length > 0
  return {
    mode: a.mode === 'Parallel' && b.mode === 'Parallel' ? 'Parallel' : 'Serial',
    stages: long.stages.map((stage, index) => {
      const other = short.stages[index]
      return other ? stricterStage(stage, other) : stage
    }),
    automatic: hasBoth ? eachOnce([...a.automatic, ...b.automatic], (each) => JSON.stringify(each)) : [],
  }
}

function stricterStage(a: StageDemand, b: StageDemand): StageDemand {
  const [escalates, escalatesToo] = [a.escalateAfterMinutes, b.escalateAfterMinutes]
  const reminders = [a.remindEveryMinutes, b.remindEveryMinutes].filter((each) => each !== null)
  return {
    people: eachOnce([...a.people, ...b.people], peopleKey),
    approvalsRequired: Math.max(a.approvalsRequired, b.approvalsRequired),
    excludesEarlier: a.excludesEarlier || b.excludesEarlier,
    justification: a.justification || b.justification,
    byLink: a.byLink && b.byLink,
    timeoutMinutes: Math.min(a.timeoutMinutes, b.timeoutMinutes),
    escalateAfterMinutes:
      escalates === null || escalatesToo === null ? null : Math.max(escalates, escalatesToo),
    remindEveryMinutes: reminders.length > 0 ? Math.min(...reminders) : null,
    approvesUnanswered: a.approvesUnanswered && b.approvesUnanswered,
  }
}

/** Two lists of the same people are one, in whatever order they are written. */
export function peopleKey({ approvers, fallback = [], escalation = [] }: StagePeople): string {
  return JSON.stringify([approvers, fallback, escalation].map((list) => list.map(approverKey).sort()))
}

/** In an order that does not depend on which came first. */
function eachOnce<T>(all: readonly T[], keyOf: (each: T) => string): T[] {
  const known = new Map<string, T>()
  for (const each of [...all].sort(by((one) => JSON.stringify(one))).reverse()) known.set(keyOf(each), each)
  return [...known.values()].sort(by((one) => JSON.stringify(one)))
}

const by =
  <T>(textOf: (each: T) => string) =>
  (one: T, other: T) =>
    textOf(one) < textOf(other) ? -1 : 1
