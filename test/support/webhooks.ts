import { runErrand } from '../../src/activities/run-errand.ts'
import { createWebhook } from '../../src/api/webhooks.ts'
import { WebhookBody } from '../../src/domain/webhook.ts'
import type { Outcome } from '../../src/domain/webhook-delivery.ts'
import type { Ports } from '../../src/ports.ts'
import { alan, caller } from '../fakes/people.ts'
import type { World } from '../fakes/world.ts'

export const OK: Outcome = { verdict: 'delivered', reason: 'Answered 204.' }
export const DOWN: Outcome = { verdict: 'later', reason: 'Answered 503.' }
export const NO: Outcome = { verdict: 'refused', reason: 'Answered 400.' }
export const GONE: Outcome = { verdict: 'gone', reason: 'Answered 410.' }

/** A webhook as Alan makes it; what its making has put into the queue is forgotten. */
export async function hook(w: World, more: object = {}) {
  const body = WebhookBody.parse({ name: 'SIEM', url: 'https://siem.example/in', ...more })
  const made = await createWebhook(w.ports, caller(alan), body)
  w.hooks.queue.length = 0
  return made.webhook
}

/** The queue runs what is in it now, and what comes of that, but nothing that is to wait. */
export async function runQueue(w: World, ports: Ports = w.ports): Promise<void> {
  for (;;) {
    const index = w.hooks.queue.findIndex(({ afterMillis }) => afterMillis <= 2000)
    const [errand] = index < 0 ? [] : w.hooks.queue.splice(index, 1)
    if (!errand) return
    await runErrand(ports, { webhookId: errand.webhookId, eventId: errand.eventId })
  }
}
