import type { Actor } from './person.ts'
import { type Provider, type Role, roleKey } from './role.ts'

/**
 * One line of the audit trail, in the shape of a Microsoft Entra directory audit: written once, in the same
 * transaction as the change that it records, and never changed.
 */
export type AuditEvent = {
  id: string
  activityDateTime: string
  activityDisplayName: Activity
  category: Category
  loggedByService: 'PIM'
  result: 'success' | 'failure'
  /** The justification of whoever acted, or why it failed. */
  resultReason: string
  initiatedBy: Actor
  principal: Actor
  role: Role & { displayName: string }
  correlationId: string
  additionalDetails: { key: string; value: string }[]
}

const CATEGORIES = {
  directory: 'RoleManagement',
  azure: 'ResourceManagement',
  group: 'GroupManagement',
} as const satisfies Record<Provider, string>
/** Microsoft's: by what the role is of. Events from before there were three are all `RoleManagement`. */
type Category = (typeof CATEGORIES)[Provider]

/**
 * Microsoft's names; ours are those with “reminded”, “not delivered”, “escalated”, “signed”, “delegation”, “verified”, “webhook”, “digest”,
 * “feed” and “Break-glass” in them, of an extension's end without an answer,
 * and all of settings but the first.
 */
export type Activity =
  | 'Add eligible member to role in PIM completed (permanent)'
  | 'Add eligible member to role in PIM completed (timebound)'
  | 'Remove eligible member from role in PIM completed (permanent)'
  | 'Remove eligible member from role in PIM completed (timebound)'
  | 'Add eligible member to role in PIM requested (renew)'
  | 'Add eligible member to role in PIM completed (renew)'
  | 'Add eligible member to role in PIM canceled (renew)'
  | 'Update eligible member in PIM requested (extend)'
  | 'Update eligible member in PIM completed (extend)'
  | 'Update eligible member in PIM canceled (extend)'
  | 'Update eligible member in PIM completed (permanent)'
  | 'Update eligible member in PIM completed (timebound)'
  | 'Update member in PIM approved by admin (extend/renew)'
  | 'Update member in PIM denied by admin (extend/renew)'
  | 'Eligible member of role in PIM reminded (expiration)'
  | 'Member of role in PIM reminded (expiration)'
  | 'PIM notice not delivered'
  | 'PIM extend or renew request reminded'
  | 'PIM extend or renew request expired'
  | `Add member to role in PIM ${'requested' | 'completed' | 'canceled'} (${'permanent' | 'timebound' | 'renew'})`
  | `Remove member from role in PIM ${'requested' | 'completed'} (${'permanent' | 'timebound'})`
  | `Update member in PIM completed (${'permanent' | 'timebound' | 'extend'})`
  | 'Update member in PIM requested (extend)'
  | 'Update member in PIM canceled (extend)'
  | 'Update role setting in PIM'
  | 'Update role setting in PIM requested'
  | 'Update role setting in PIM approved'
  | 'Update role setting in PIM denied'
  | 'Update role setting in PIM canceled'
  | 'Update role setting tier in PIM'
  | 'Remove role setting tier in PIM'
  | 'Add member to role requested (PIM activation)'
  | 'Add member to role approval requested (PIM activation)'
  | 'Add member to role approval reminded (PIM activation)'
  | 'Add member to role approval escalated (PIM activation)'
  | 'Add member to role approval signed (PIM activation)'
  | 'Add approval delegation in PIM'
  | 'Remove approval delegation in PIM'
  | 'Add member to role request approved (PIM activation)'
  | 'Add member to role request denied (PIM activation)'
  | 'Add member to role completed (PIM activation)'
  | 'Add member to role canceled (PIM activation)'
  | 'PIM activation request expired'
  | 'Remove member from role requested (PIM deactivate)'
  | 'Remove member from role completed (PIM deactivate)'
  | 'Remove member from role (PIM activation expired)'
  | 'Remove member from role verified (PIM activation)'
  | 'Break-glass account concerned'
  | WebhookActivity
  | `Turn ${'on' | 'off'} weekly digest in PIM`
  | `${'Create' | 'Revoke'} calendar feed in PIM`
  | DriftActivity

/** All ours. The test is in no trail: it is only sent. */
export type WebhookActivity =
  | 'Add webhook'
  | 'Update webhook'
  | 'Remove webhook'
  | 'Rotate webhook secret'
  | 'Disable webhook'
  | 'Webhook deliveries given up'
  | 'Test webhook'

/** Of what is granted and removed outside; those with “removed outside”, “restored” and “accepted” in them are ours. */
export type DriftActivity =
  | 'Add member to role outside of PIM (permanent)'
  | 'Add member to role outside of PIM accepted (permanent)'
  | 'Add member to role in PIM requested (permanent)'
  | 'Add member to role in PIM completed (permanent)'
  | 'Remove member from role in PIM requested (permanent)'
  | 'Remove member from role in PIM completed (permanent)'
  | 'Remove member from role outside of PIM (permanent)'
  | 'Remove member from role outside of PIM (PIM activation)'
  | 'Add member to role restored (PIM activation)'
  | 'Resolve PIM alert'
  | 'Onboarded resource to PIM'
  | 'Offboarded resource from PIM'

/** What differs from one event to another; its id is that of its subject and of the step, so the same however often it is made. */
export type Recorded = {
  subject: string
  step: string
  at: string
  activity: Activity
  by: Actor
  principal: Actor
  role: AuditEvent['role']
  result?: AuditEvent['result'] | undefined
  reason?: string | null | undefined
  details?: readonly (readonly [key: string, value: string])[] | undefined
}

/** One line of the trail: of a request, an eligibility, an incident, settings, or what a break-glass account did. */
export function auditEvent({
  subject,
  step,
  at,
  activity,
  by,
  principal,
  role,
  ...more
}: Recorded): AuditEvent {
  const { provider, roleDefinitionId, scope, displayName } = role
  return {
    id: `${subject}.${step}`,
    activityDateTime: at,
    activityDisplayName: activity,
    category: CATEGORIES[provider],
    loggedByService: 'PIM',
    result: more.result ?? 'success',
    resultReason: more.reason ?? '',
    initiatedBy: by,
    principal,
    role: { provider, roleDefinitionId, scope, displayName },
    correlationId: subject,
    additionalDetails: (more.details ?? []).map(([key, value]) => ({ key, value })),
  }
}

/** What the trail names where an event concerns no role: it is listed by role, so there has to be one. */
export const NO_ROLE: Role = {
  provider: 'directory',
  roleDefinitionId: '00000000-0000-0000-0000-000000000000',
  scope: '/',
}

/** What the trail can be listed by: everything, one role, or one person (concerned or acting). */
export type AuditKey = `all` | `role|${string}` | `person|${string}`

/** Under which keys this event is found. */
export function auditKeys(event: AuditEvent): AuditKey[] {
  const people = new Set([event.principal.id, event.initiatedBy.id])
  return ['all', `role|${roleKey(event.role)}`, ...[...people].map((id) => `person|${id}` as const)]
}
