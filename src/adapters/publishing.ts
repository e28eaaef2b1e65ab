import type { AuditEvent } from '../domain/audit.ts'
import { wants } from '../domain/webhook.ts'
import type { Errand, Errands, Views, Webhooks } from '../ports.ts'

/**
 * Views that tell the webhooks of every event before it is in the index: one errand for each webhook and event. An event that is in
 * the index has been handed over, and one that is not will be indexed again by the sweep: so each is handed over at least once,
 * and twice only where a process dies, or two tell at once, between the errand and the index.
 */
export function publishing(views: Views, { webhooks, errands }: Publishing): Views {
  return {
    ...views,
    async indexEvents(events) {
      await publish(events)
      await views.indexEvents(events)
    },
  }

  async function publish(events: readonly AuditEvent[]): Promise<void> {
    if (events.length === 0) return
    const each = (await webhooks.list()).flatMap((webhook) =>
      events.filter((event) => wants(webhook, event)).map((event) => ({ webhook, event })),
    )
    if (each.length === 0) return
    const told = await views.indexed(events)
    const fresh = each.flatMap(({ webhook, event }): Errand[] =>
      told.has(event.id) ? [] : [{ webhookId: webhook.id, eventId: event.id }],
    )
    if (fresh.length > 0) await errands.send(fresh)
  }
}

type Publishing = { webhooks: Pick<Webhooks, 'list'>; errands: Errands }
