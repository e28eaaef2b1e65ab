import type { Webhook } from '../domain/webhook.ts'
import type { Outcome, Parcel } from '../domain/webhook-delivery.ts'
import { postEvent } from '../live/webhook-post.ts'
import type { Ports, Stored } from '../ports.ts'
import { webhookBody } from '../words/webhook-body.ts'

/** Sends once what waits. */
export async function sendParcel(ports: Ports, read: Stored<Webhook>, { eventId }: Parcel): Promise<Outcome> {
  const event = await ports.webhooks.event(eventId)
  if (!event) return { verdict: 'refused', reason: 'The event is not in the trail.' }
  return postEvent(ports, read, event, webhookBody)
}

const A_SECOND = 1000

/** Only so that nothing waits for the sweep; a little late, because what comes too early does nothing. */
export async function wake(
  ports: Ports,
  webhookId: string,
  at: Date,
  notBefore: string | null = null,
): Promise<void> {
  const when = Math.max(at.getTime(), notBefore ? Date.parse(notBefore) : 0)
  await ports.errands.send(
    [{ webhookId, eventId: null }],
    Math.max(0, when - ports.now().getTime()) + A_SECOND,
  )
}
