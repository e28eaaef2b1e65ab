import type { AuditEvent, WebhookActivity } from '../domain/audit.ts'
import { makeId } from '../domain/ids.ts'
import type { Actor } from '../domain/person.ts'
import { WEBHOOKS, WEBHOOKS_ROLE, type Webhook } from '../domain/webhook.ts'
import type { Ports } from '../ports.ts'

type Told = {
  activity: WebhookActivity
  by: Actor
  reason?: string
  details?: AuditEvent['additionalDetails']
}

/** One line of the trail about a webhook. It names no address and no secret. */
export function webhookEvent(
  { now, random }: Pick<Ports, 'now' | 'random'>,
  webhook: Pick<Webhook, 'id' | 'name'>,
  { activity, by, reason = '', details = [] }: Told,
): AuditEvent {
  const at = now()
  const id = makeId('set', WEBHOOKS, at, random())
  return {
    id: `${id}.webhook`,
    activityDateTime: at.toISOString(),
    activityDisplayName: activity,
    category: 'RoleManagement',
    loggedByService: 'PIM',
    result: activity === 'Webhook deliveries given up' ? 'failure' : 'success',
    resultReason: reason,
    initiatedBy: by,
    principal: by,
    role: { ...WEBHOOKS_ROLE, displayName: `webhook ${webhook.name}` },
    correlationId: id,
    additionalDetails: [{ key: 'webhook', value: webhook.id }, ...details],
  }
}
