import type { AuditEvent } from '../domain/audit.ts'

/** The event as CloudEvents 1.0 has it. `id` is the event's own: whoever hears it twice hears the same id. */
export function cloudEvent(event: AuditEvent, source: string) {
  return {
    specversion: '1.0',
    id: event.id,
    source,
    type: `interim.audit.${slug(event.activityDisplayName)}`,
    subject: event.correlationId,
    time: event.activityDateTime,
    datacontenttype: 'application/json',
    data: event,
  }
}

/** `Add member to role completed (PIM activation)` → `add-member-to-role-completed-pim-activation` */
const slug = (activity: string) =>
  activity
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
