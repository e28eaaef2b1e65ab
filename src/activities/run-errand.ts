import { plus } from '../domain/schedule.ts'
import type { Webhook } from '../domain/webhook.ts'
import {
  afterFailure,
  buried,
  failed,
  isHeld,
  isNews,
  newParcel,
  type Outcome,
  type Parcel,
  succeeded,
  UNSENT,
  UNTRIED,
  type WebhookHealth,
} from '../domain/webhook-delivery.ts'
import { bury, disableForGood } from '../live/webhook-dead.ts'
import { changeHealth, listForRetries } from '../live/webhook-health.ts'
import type { Errand, Ports, Stored } from '../ports.ts'
import { sendWaiting } from './send-waiting.ts'
import { sendParcel, wake } from './webhook-sending.ts'

/**
 * One event to one webhook, or whatever waits for it. What does not go at once is put aside, so that this ends well and the queue is
 * free; what happens to arrive while an endpoint is left alone is put aside unsent.
 */
export async function runErrand(ports: Ports, { webhookId, eventId }: Errand): Promise<void> {
  const read = await ports.webhooks.read(webhookId)
  if (!read) return // removed meanwhile
  if (eventId === null) return sendWaiting(ports, read)
  const now = ports.now()
  const parcel = newParcel(webhookId, eventId, now)
  if (read.value.state === 'disabled') return bury(ports, read.value, [buried(parcel, now, UNSENT)])
  const health = (await ports.webhooks.health(webhookId))?.value ?? UNTRIED
  if (isHeld(health, now)) return putAside(ports, parcel, health)
  await settle(ports, read, parcel, health, await sendParcel(ports, read, parcel))
}

/** Given up by the queue itself, after a day of trying: something of ours does not work. */
export async function errandGivenUp(ports: Ports, { webhookId, eventId }: Errand): Promise<void> {
  ports.log.error('An errand for a webhook could not be run and was given up.', { webhookId, eventId })
  const read = await ports.webhooks.read(webhookId)
  if (!read || eventId === null) return // what waits is seen to by the sweep
  const now = ports.now()
  await bury(ports, read.value, [buried(newParcel(webhookId, eventId, now), now, 'It could not be sent.')])
}

async function settle(
  ports: Ports,
  read: Stored<Webhook>,
  parcel: Parcel,
  health: WebhookHealth,
  outcome: Outcome,
): Promise<void> {
  const { id } = read.value
  const now = ports.now()
  switch (outcome.verdict) {
    case 'delivered':
      if (isNews(health, now)) await changeHealth(ports, id, (latest) => succeeded(latest, now))
      return
    case 'busy':
      await putAside(ports, parcel, health)
      return wake(ports, id, plus(now, A_SECOND))
    case 'gone':
      await disableForGood(ports, read, outcome.reason)
      return bury(ports, read.value, [buried({ ...parcel, attempts: 1 }, now, outcome.reason)])
    case 'later':
    case 'refused': {
      const next = afterFailure(parcel, outcome, now)
      if ('dead' in next) await bury(ports, read.value, [next.dead])
      else await putAside(ports, next.again, health)
      const { notBefore } = await changeHealth(ports, id, (latest) =>
        failed(latest, parcel.eventId, outcome, now),
      )
      if ('again' in next) await wake(ports, id, new Date(next.again.due), notBefore)
    }
  }
}

async function putAside(ports: Ports, parcel: Parcel, health: WebhookHealth): Promise<void> {
  await listForRetries(ports, parcel.webhookId, health)
  await ports.webhooks.move(parcel.webhookId, [], [parcel])
}

const A_SECOND = 1000
