import type { AuditEvent } from '../domain/audit.ts'
import type { Webhook, WebhookFormat } from '../domain/webhook.ts'
import type { Outcome } from '../domain/webhook-delivery.ts'
import type { Ports, Stored } from '../ports.ts'

/** How an event is written in a format; `source` is the address that it comes from. */
export type Write = (
  format: WebhookFormat,
  event: AuditEvent,
  source: string,
) => { contentType: string; body: string }

/** Sends one event, once, signed with every secret that is good now. */
export async function postEvent(
  ports: Ports,
  read: Stored<Webhook>,
  event: AuditEvent,
  write: Write,
): Promise<Outcome> {
  const { courier, webhooks, now, publicUrl } = ports
  const webhook = read.value
  const opened = await courier.open(webhook.target)
  if (!opened)
    return {
      verdict: 'refused',
      reason:
        'Its address and secret were sealed with a key that is no longer in LINK_SIGNING_KEYS: remove the webhook and make it anew.',
    }
  const { target, isCurrent } = opened
  // With the key of today, so that the old one can leave the settings. Whoever comes between does it, or the next delivery.
  if (!isCurrent) await webhooks.write({ ...webhook, target: await courier.seal(target) }, read, [])
  const at = now()
  const secrets = target.secrets.filter(({ until }) => until === null || Date.parse(until) > at.getTime())
  return courier.post(
    { ...target, secrets },
    {
      webhookId: webhook.id,
      id: event.id,
      at,
      ...write(webhook.format, event, `${publicUrl}/api/audit`),
    },
  )
}
