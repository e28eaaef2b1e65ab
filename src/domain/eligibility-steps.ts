import type { z } from 'zod'
import { type Activity, type AuditEvent, auditEvent } from './audit.ts'
import type { Eligibility, EligibilityWindow } from './eligibility.ts'
import { type Warning, warningsPassed } from './eligibility-life.ts'
import { type Actor, INTERIM } from './person.ts'
import { titleOf } from './role.ts'
import type { TicketInfo } from './ticket.ts'

/** A new state of an eligibility, and what is recorded of the way there. */
export type EligibilityStep = { eligibility: Eligibility; events: AuditEvent[] }

type Ticket = z.infer<typeof TicketInfo> | null | undefined

const ticketOf = (ticket: Ticket): [string, string][] =>
  ticket
    ? [
        ['ticketNumber', ticket.ticketNumber ?? ''],
        ['ticketSystem', ticket.ticketSystem ?? ''],
      ]
    : []

const conditionOf = ({ condition }: Eligibility): [string, string][] =>
  condition ? [['condition', condition]] : []

const kindOf = ({ endDateTime }: EligibilityWindow) => (endDateTime === null ? 'permanent' : 'timebound')

/** A new one: of what comes before its end, it is told what still has a place. */
export function added(eligibility: Eligibility, now: Date, ticket?: Ticket): EligibilityStep {
  const warned = warningsPassed(eligibility, now)
  const next: Eligibility = warned > 0 ? { ...eligibility, warned } : eligibility
  const activity = `Add eligible member to role in PIM completed (${kindOf(next)})` as const
  return {
    eligibility: next,
    events: [
      record(next, 'added', activity, next.createdBy, now, next.justification, [
        ...ticketOf(ticket),
        ...conditionOf(next),
      ]),
    ],
  }
}

/** By whom and how a window is moved. */
export type Mover = 'adminUpdate' | 'adminExtend' | 'adminRenew' | 'selfExtend' | 'selfRenew'

/** Its window is moved: the only way in which an end ever moves. */
export function moved(
  before: Eligibility,
  how: Mover,
  window: EligibilityWindow,
  by: Actor,
  now: Date,
  reason: string | null,
  ticket?: Ticket,
): EligibilityStep {
  const changes = (before.changes ?? 0) + 1
  const next: Eligibility = { ...before, ...window, changes, warned: warningsPassed(window, now) }
  const details: [string, string][] = [
    ['previousStart', before.startDateTime],
    ['previousExpiration', before.endDateTime ?? 'never'],
    ...ticketOf(ticket),
  ]
  const event = record(next, `${how}-${changes}`, movedActivity(how, next), by, now, reason, details)
  return { eligibility: next, events: [event] }
}

function movedActivity(how: Mover, window: EligibilityWindow): Activity {
  if (how === 'adminUpdate') return `Update eligible member in PIM completed (${kindOf(window)})`
  return how.endsWith('Extend')
    ? 'Update eligible member in PIM completed (extend)'
    : 'Add eligible member to role in PIM completed (renew)'
}

export function removed(
  eligibility: Eligibility,
  by: Actor,
  now: Date,
  reason: string | null,
): EligibilityStep {
  const activity = `Remove eligible member from role in PIM completed (${kindOf(eligibility)})` as const
  return { eligibility, events: [record(eligibility, 'removed', activity, by, now, reason)] }
}

/** One warning of one end: its id says which, so that it is recorded, and told, once. */
export function warned(before: Eligibility, warning: Warning, now: Date): EligibilityStep {
  const next: Eligibility = { ...before, warned: warningsPassed(before, now) }
  const activity: Activity =
    warning === 'hasEnded'
      ? 'Remove eligible member from role in PIM completed (timebound)'
      : 'Eligible member of role in PIM reminded (expiration)'
  const reason = warning === 'hasEnded' ? 'It has expired.' : null
  return {
    eligibility: next,
    events: [record(next, `${warning}-${before.changes ?? 0}`, activity, INTERIM, now, reason)],
  }
}

function record(
  eligibility: Eligibility,
  step: string,
  activity: Activity,
  by: Actor,
  now: Date,
  reason: string | null,
  details: [string, string][] = [],
): AuditEvent {
  const { id: subject, principalId, principalName, startDateTime, endDateTime } = eligibility
  return auditEvent({
    subject,
    step,
    at: now.toISOString(),
    activity,
    by,
    principal: { id: principalId, displayName: principalName },
    role: { ...eligibility, displayName: titleOf(eligibility) },
    reason,
    details: [['start', startDateTime], ['expiration', endDateTime ?? 'never'], ...details],
  })
}
