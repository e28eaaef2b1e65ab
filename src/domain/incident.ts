import { type AuditEvent, auditEvent, type DriftActivity } from './audit.ts'
import { type Actor, INTERIM } from './person.ts'
import { type PrincipalType, type Role, roleKey } from './role.ts'

/**
 * An assignment that is held and that was not given here: found by a comparison, until it is gone, removed, made eligible, or
 * accepted. One at a time for a principal and a role, however often it is seen.
 */
export type Incident = Role & {
  id: string
  state: IncidentState
  principal: Actor
  principalType: PrincipalType | null
  assignmentId: string
  roleName: string
  scopeName: string
  detectedDateTime: string
  /** Found when its scope was looked at for the first time: it may be years old. Told of with all others of that look. */
  atFirstLook: boolean
  acknowledged: Deed | null
  /** An administrator has asked to take it away: written down before the first call that may do so. */
  removal: (Deed & { because: 'removed' | 'madeEligible' }) | null
  resolved: { by: Actor; at: string; because: Resolution } | null
}

/** `acknowledged` is the baseline: it stands, and somebody has said that it may. */
export type IncidentState = 'active' | 'acknowledged' | 'resolved'
export type Resolution = 'gone' | 'removed' | 'madeEligible' | 'notGoverned'
type Deed = { by: Actor; at: string; justification: string }

/** A new state and what is recorded of the way there; written in one transaction. */
export type IncidentStep = { incident: Incident; events: AuditEvent[] }

export const incidentKey = (principalId: string, role: Role) =>
  `${roleKey(role)}|${principalId}`.toLowerCase()

/** Found for the first time. */
export function detected(incident: Incident): IncidentStep {
  const details: [string, string][] = [['assignmentId', incident.assignmentId]]
  if (incident.atFirstLook) details.push(['atFirstLook', 'true: nobody had looked before, it may be old'])
  const name = 'Add member to role outside of PIM (permanent)'
  return {
    incident,
    events: [record(incident, 'detected', name, INTERIM, incident.detectedDateTime, '', details)],
  }
}

/** An administrator has looked at it, and it may stay: it is no drift from now on. */
export function accepted(incident: Incident, by: Actor, justification: string, now: Date): IncidentStep {
  const at = now.toISOString()
  const next: Incident = {
    ...incident,
    state: 'acknowledged',
    acknowledged: { by, at, justification },
    removal: null,
  }
  const name = 'Add member to role outside of PIM accepted (permanent)'
  return { incident: next, events: [record(next, `acknowledged-${at}`, name, by, at, justification)] }
}

/** Written down before an administrator gives it for good: whatever becomes of the call, what is there then was meant to be. */
export function madeActive(incident: Incident, by: Actor, justification: string, now: Date): IncidentStep {
  const at = now.toISOString()
  const next: Incident = {
    ...incident,
    state: 'acknowledged',
    acknowledged: { by, at, justification },
    removal: null,
  }
  const name = 'Add member to role in PIM requested (permanent)'
  return { incident: next, events: [record(next, `active-requested-${at}`, name, by, at, justification)] }
}

/** And it was: read back. */
export function madeActiveDone(incident: Incident, assignmentId: string, by: Actor, now: Date): IncidentStep {
  const at = now.toISOString()
  const next: Incident = { ...incident, assignmentId }
  const name = 'Add member to role in PIM completed (permanent)'
  const reason = incident.acknowledged?.justification ?? ''
  return {
    incident: next,
    events: [record(next, `active-completed-${at}`, name, by, at, reason, [['assignmentId', assignmentId]])],
  }
}

/** Somebody wants it taken away; until it is seen to be gone, it stands. */
export function removalAsked(
  incident: Incident,
  because: 'removed' | 'madeEligible',
  by: Actor,
  justification: string,
  now: Date,
): IncidentStep {
  const at = now.toISOString()
  const next: Incident = { ...incident, removal: { by, at, justification, because } }
  const name = 'Remove member from role in PIM requested (permanent)'
  return { incident: next, events: [record(next, `removal-${at}`, name, by, at, justification)] }
}

/** It is gone, seen to be. Whoever had asked to take it away has done it; without such a one it was somebody outside. */
export function resolved(
  incident: Incident,
  now: Date,
  because?: 'notGoverned',
  by: Actor = INTERIM,
): IncidentStep {
  const at = now.toISOString()
  const { removal } = incident
  const resolution = because
    ? { by, at, because }
    : removal
      ? { by: removal.by, at, because: removal.because }
      : { by: INTERIM, at, because: 'gone' as const }
  const name: DriftActivity = because
    ? 'Resolve PIM alert'
    : removal
      ? 'Remove member from role in PIM completed (permanent)'
      : 'Remove member from role outside of PIM (permanent)'
  const next: Incident = { ...incident, state: 'resolved', resolved: resolution }
  return {
    incident: next,
    events: [record(next, 'resolved', name, resolution.by, at, removal?.justification ?? '')],
  }
}

/** An event of this incident, in words of Microsoft's. */
function record(
  incident: Incident,
  step: string,
  activity: DriftActivity,
  by: Actor,
  at: string,
  reason = '',
  details: [string, string][] = [],
): AuditEvent {
  const { id: subject, principal, roleName } = incident
  const role = { ...incident, displayName: roleName }
  return auditEvent({ subject, step, at, activity, by, principal, role, reason, details })
}
