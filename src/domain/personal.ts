import { type Activity, type AuditEvent, auditEvent, NO_ROLE } from './audit.ts'
import type { Actor } from './person.ts'

/** What somebody has chosen for themselves. `calendar` null: they have no feed; else what is kept of its secret. */
export type Personal = {
  personId: string
  weeklyDigest: boolean
  calendar: { hash: string; since: string } | null
}

/** The next choice, and what is recorded of it; written in one transaction. */
export type PersonalStep = { personal: Personal; events: AuditEvent[] }

/** What holds for everybody who has chosen nothing. */
export const unchosen = (personId: string): Personal => ({ personId, weeklyDigest: true, calendar: null })

type By = { id: string; by: Actor; at: string; how?: string }

export function digestChosen(before: Personal, weeklyDigest: boolean, by: By): PersonalStep {
  const personal = { ...before, weeklyDigest }
  const name = weeklyDigest ? 'Turn on weekly digest in PIM' : 'Turn off weekly digest in PIM'
  return { personal, events: [record(name, by)] }
}

/** A new secret; the address with the one before is worth nothing from here on. */
export function calendarMade(before: Personal, hash: string, by: By): PersonalStep {
  const personal = { ...before, calendar: { hash, since: by.at } }
  return { personal, events: [record('Create calendar feed in PIM', by)] }
}

export function calendarRevoked(before: Personal, by: By): PersonalStep {
  return { personal: { ...before, calendar: null }, events: [record('Revoke calendar feed in PIM', by)] }
}

function record(activity: Activity, { id, by, at, how = '' }: By): AuditEvent {
  return auditEvent({
    subject: id,
    step: 'chosen',
    at,
    activity,
    by,
    principal: by,
    role: { ...NO_ROLE, displayName: 'Own settings' },
    reason: how,
  })
}
