import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Target, Webhook } from '../../src/domain/webhook.ts'
import type { DeadLetter, Outcome, Parcel, WebhookHealth } from '../../src/domain/webhook-delivery.ts'
import type { Courier, Errand, Errands, Stored, Webhooks } from '../../src/ports.ts'

type Sent = {
  webhookId: string
  id: string
  url: string
  body: string
  secrets: string[]
  contentType: string
}

/** Webhooks, what waits for them, the queue and the world outside, in plain sight. `events` are the trail's. */
export function fakeWebhooks(events: Map<string, AuditEvent>) {
  const rows = new Map<string, Stored<Webhook>>()
  const healths = new Map<string, Stored<WebhookHealth>>()
  const parcels = new Map<string, Parcel>()
  const dead = new Map<string, DeadLetter>()
  const queue: (Errand & { afterMillis: number })[] = []
  /** What arrived, in order. */
  const sent: Sent[] = []
  /** How the endpoints answer. */
  const world = { answer: (_: Sent): Outcome => ({ verdict: 'delivered', reason: 'Answered 204.' }) }
  let writes = 0

  const keyOf = (each: Parcel | DeadLetter) =>
    `${each.webhookId}|${'due' in each ? each.due : ''}|${each.eventId}`
  const sorted = <T>(map: Map<string, T>): T[] =>
    structuredClone([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value))

  const put = (webhook: Webhook, fresh: readonly AuditEvent[]) => {
    rows.set(webhook.id, { value: structuredClone(webhook), etag: `"${++writes}"` })
    for (const event of fresh) events.set(event.id, structuredClone(event))
  }

  const webhooks: Webhooks = {
    list: async () => sorted(rows).map(({ value }) => value),
    read: async (id) => structuredClone(rows.get(id)),
    async write(webhook, read, fresh) {
      if (rows.get(webhook.id)?.etag !== read?.etag) return false
      put(webhook, fresh)
      return true
    },
    async remove({ value, etag }, fresh) {
      if (rows.get(value.id)?.etag !== etag) return false
      put(value, fresh)
      rows.delete(value.id)
      return true
    },
    event: async (id) => structuredClone(events.get(id)),
    health: async (id) => structuredClone(healths.get(id)),
    async writeHealth(id, health, read) {
      if (healths.get(id)?.etag !== read?.etag) return undefined
      const stored = { value: structuredClone(health), etag: `"${++writes}"` }
      healths.set(id, stored)
      return structuredClone(stored)
    },
    waiting: async (id, until, top) =>
      sorted(parcels)
        .filter((each) => each.webhookId === id && each.due <= until.toISOString())
        .slice(0, top),
    async dead(id, { top, after }) {
      const all = sorted(dead).filter(
        (each) => each.webhookId === id && (after === null || keyOf(each) > after),
      )
      const items = all.slice(0, top)
      const last = items.at(-1)
      return { items, next: items.length < top || !last ? null : keyOf(last) }
    },
    findDead: async (id, eventId) => structuredClone(dead.get(`${id}||${eventId}`)),
    async move(_id, gone, fresh) {
      for (const each of gone) ('due' in each ? parcels : dead).delete(keyOf(each))
      for (const each of fresh)
        if ('due' in each) parcels.set(keyOf(each), structuredClone(each))
        else dead.set(keyOf(each), structuredClone(each))
    },
  }

  const errands: Errands = {
    async send(fresh, afterMillis = 0) {
      for (const errand of fresh) queue.push({ ...errand, afterMillis })
    },
  }

  let secrets = 0
  const courier: Courier = {
    newSecret: () => `whsec_${Buffer.from(`secret ${++secrets}`).toString('base64')}`,
    seal: async (target) => Buffer.from(JSON.stringify(target)).toString('base64'),
    open: async (sealed) =>
      sealed.startsWith('lost')
        ? undefined
        : { target: JSON.parse(Buffer.from(sealed, 'base64').toString()) as Target, isCurrent: true },
    async post({ url, secrets }, { webhookId, id, body, contentType }) {
      const one = { webhookId, id, url, body, contentType, secrets: secrets.map(({ secret }) => secret) }
      sent.push(one)
      return world.answer(one)
    },
  }
  return { webhooks, errands, courier, rows, healths, parcels, dead, queue, sent, world }
}
