import { INTERIM } from '../domain/person.ts'
import type { Webhook } from '../domain/webhook.ts'
import type { DeadLetter, Parcel } from '../domain/webhook-delivery.ts'
import type { Ports, Stored } from '../ports.ts'
import { listForSweep } from './list-for-sweep.ts'
import { webhookEvent } from './webhook-events.ts'
import { changeHealth } from './webhook-health.ts'

/** Sent no more: kept until somebody deals with it. Of the first of them the trail and the log tell. */
export async function bury(
  ports: Ports,
  webhook: Webhook,
  letters: readonly DeadLetter[],
  instead: readonly Parcel[] = [],
): Promise<void> {
  const [letter] = letters
  if (!letter) return
  await ports.webhooks.move(webhook.id, instead, letters)
  if ((await ports.webhooks.health(webhook.id))?.value.hasDeadLetters) return
  ports.log.error('A webhook has dead letters.', { webhookId: webhook.id, reason: letter.reason })
  const event = webhookEvent(ports, webhook, {
    activity: 'Webhook deliveries given up',
    by: INTERIM,
    reason: letter.reason ?? '',
    details: [{ key: 'event', value: letter.eventId }],
  })
  await listForSweep(ports, event.correlationId)
  await ports.store.record([event])
  await changeHealth(ports, webhook.id, (health) => ({ ...health, hasDeadLetters: true }))
  await ports.views.indexEvents([event])
}

/** Its endpoint has said that it wants no more of anything. */
export async function disableForGood(
  ports: Ports,
  { value: webhook }: Stored<Webhook>,
  reason: string,
): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const read = await ports.webhooks.read(webhook.id)
    if (!read || read.value.state === 'disabled') return
    const event = webhookEvent(ports, webhook, { activity: 'Disable webhook', by: INTERIM, reason })
    const next: Webhook = {
      ...read.value,
      state: 'disabled',
      disabledReason: reason,
      version: read.value.version + 1,
      lastModifiedDateTime: event.activityDateTime,
      lastModifiedBy: INTERIM,
    }
    await listForSweep(ports, event.correlationId)
    if (!(await ports.webhooks.write(next, read, [event]))) continue
    ports.log.warn('A webhook was disabled by its endpoint.', { webhookId: webhook.id })
    return ports.views.indexEvents([event])
  }
}
