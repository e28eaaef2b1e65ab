import type { AuditEvent } from '../../domain/audit.ts'
import { MOST_WEBHOOKS, type Webhook } from '../../domain/webhook.ts'
import type { DeadLetter, Parcel, WebhookHealth } from '../../domain/webhook-delivery.ts'
import type { Stored, Webhooks } from '../../ports.ts'
import { eventWrites } from './event-writes.ts'
import { webhooks as keys, range, subjectOf, truth } from './keys.ts'
import type { ReadRow, Table, Write } from './table.ts'

/** How long the list may be served again. By a clock that nobody moves: it is about what other processes write. */
const FRESH_MILLIS = 15_000

/** In the place of the sealed target. */
const REMOVED = ''

/** Webhooks in the table of the truth, and what waits for them in one of its own. `tick` is in milliseconds since whenever. */
export function tableWebhooks(table: Table, parcels: Table, tick: () => number): Webhooks {
  let seen: { at: number; webhooks: Promise<Webhook[]> } | undefined

  async function list(): Promise<Webhook[]> {
    const { from, to } = range(keys.all)
    const rows = await table.query(keys.partition, from, to, MOST_WEBHOOKS * 2)
    return rows.map(({ doc }) => JSON.parse(doc) as Webhook).filter(({ target }) => target !== REMOVED)
  }

  async function write(writes: Write[]): Promise<boolean> {
    const written = await table.transact(writes)
    seen = undefined
    return written !== undefined
  }

  return {
    list(fresh) {
      if (!fresh && seen && tick() - seen.at < FRESH_MILLIS) return seen.webhooks
      const webhooks = list()
      const mine = { at: tick(), webhooks }
      seen = mine
      webhooks.catch(() => {
        if (seen === mine) seen = undefined
      })
      return webhooks
    },

    async read(id) {
      const read = stored<Webhook>(await table.get(keys.partition, id))
      return read?.value.target === REMOVED ? undefined : read
    },

    write: (webhook, read, events) =>
      write([
        {
          put: { partitionKey: keys.partition, rowKey: webhook.id, doc: JSON.stringify(webhook) },
          onlyIf: read ? { etag: read.etag } : 'absent',
        },
        ...eventWrites(keys.partition, events),
      ]),

    async remove({ value, etag }, events) {
      // A transaction cannot delete under a lock: so first it is nobody's any more, and then it is gone.
      const { id } = value
      const rowKey = { partitionKey: keys.partition, rowKey: id }
      const emptied: Webhook = { ...value, state: 'disabled', target: REMOVED, filter: {} }
      const isOurs = await write([
        { put: { ...rowKey, doc: JSON.stringify(emptied) }, onlyIf: { etag } },
        ...eventWrites(keys.partition, events),
      ])
      if (isOurs) await write([{ delete: rowKey }])
      return isOurs
    },

    async event(id) {
      const partition = truth.partitionOf(subjectOf(id))
      const row = partition && (await table.get(partition, truth.event(id)))
      return row ? (JSON.parse(row.doc) as AuditEvent) : undefined
    },

    async health(id) {
      return stored<WebhookHealth>(await parcels.get(keys.parcels(id), keys.health(id)))
    },

    async writeHealth(id, health, read) {
      const written = await parcels.transact([
        {
          put: { partitionKey: keys.parcels(id), rowKey: keys.health(id), doc: JSON.stringify(health) },
          onlyIf: read ? { etag: read.etag } : 'absent',
        },
      ])
      return written && { value: health, etag: written[0] as string }
    },

    async waiting(id, until, top) {
      const rows = await parcels.query(
        keys.parcels(id),
        range('wait|').from,
        keys.waitingUntil(until.toISOString()),
        top,
      )
      return rows.map(({ doc }) => JSON.parse(doc) as Parcel)
    },

    async dead(id, { top, after }) {
      const { from, to } = range('dead|')
      const rows = await parcels.query(keys.parcels(id), after ? `${after}~` : from, to, top)
      const next = rows.length < top ? null : (rows.at(-1)?.rowKey ?? null)
      return { items: rows.map(({ doc }) => JSON.parse(doc) as DeadLetter), next }
    },

    async findDead(id, eventId) {
      const row = await parcels.get(keys.parcels(id), keys.dead(eventId, id))
      return row && (JSON.parse(row.doc) as DeadLetter)
    },

    async move(id, gone, put) {
      const puts = put.map((each): Write => ({ put: rowOf(id, each), onlyIf: 'whatever' }))
      const kept = puts.map((each) => ('put' in each ? each.put.rowKey : ''))
      const deletes = gone
        .map((each): Write => ({ delete: rowOf(id, each) }))
        .filter((each) => 'delete' in each && !kept.includes(each.delete.rowKey))
      if (puts.length + deletes.length === 0 || (await parcels.transact([...puts, ...deletes]))) return
      // Something to take away was gone already: the rest one by one.
      if (puts.length > 0) await parcels.transact(puts)
      for (const each of deletes) await parcels.transact([each])
    },
  }
}

function rowOf(id: string, each: Parcel | DeadLetter) {
  const rowKey = 'due' in each ? keys.waiting(each.due, each.eventId, id) : keys.dead(each.eventId, id)
  return { partitionKey: keys.parcels(id), rowKey, doc: JSON.stringify(each) }
}

const stored = <T>(row: ReadRow | undefined): Stored<T> | undefined =>
  row && { value: JSON.parse(row.doc) as T, etag: row.etag }
