import { type AuditEvent, auditEvent, NO_ROLE } from './audit.ts'
import { type AnyNotice, type NoticeToMany, subjectOf } from './notice.ts'
import { INTERIM } from './person.ts'
import { titleOf } from './role.ts'

/** What a notice is about, as a record shows it. */
export function aboutOf(notice: AnyNotice): Pick<AuditEvent, 'principal' | 'role'> {
  if ('digest' in notice)
    return {
      principal: { id: notice.personId, displayName: 'weekly digest' },
      role: { ...NO_ROLE, displayName: 'weekly digest' },
    }
  if ('bundle' in notice)
    return { principal: notice.to, role: { ...NO_ROLE, displayName: 'several notices' } }
  if ('change' in notice) {
    const { role, roleName, requestedBy } = notice.change
    return { principal: requestedBy, role: { ...role, displayName: roleName } }
  }
  const subject =
    'request' in notice ? notice.request : 'incident' in notice ? notice.incident : notice.eligibility
  const { provider, roleDefinitionId, scope } = subject
  const principal =
    'principal' in subject
      ? subject.principal
      : { id: subject.principalId, displayName: subject.principalName }
  return { principal, role: { provider, roleDefinitionId, scope, displayName: titleOf(subject) } }
}

/** It was tried for a day, and nobody, or not everybody, could be told. */
export function undeliveredEvent(notice: NoticeToMany, id: string, now: Date): AuditEvent {
  const subject = subjectOf(notice)
  const whom = notice.left ? `${notice.left.length} of its mails` : 'its mails'
  return auditEvent({
    subject,
    step: `undelivered-${id}`,
    at: now.toISOString(),
    activity: 'PIM notice not delivered',
    by: INTERIM,
    ...aboutOf(notice),
    result: 'failure',
    reason: `The notice (${notice.kinds.join(', ')}) was tried for a day, and ${whom} did not go out. What it tells of stands.`,
    details: [['undeliveredId', id]],
  })
}
