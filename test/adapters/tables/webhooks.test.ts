import { randomBytes } from 'node:crypto'
import { QueueClient } from '@azure/storage-queue'
import { describe, expect, inject, test } from 'vitest'
import { tableStore } from '../../../src/adapters/tables/store.ts'
import { openTable } from '../../../src/adapters/tables/table.ts'
import { tableWebhooks } from '../../../src/adapters/tables/webhooks.ts'
import { queueErrands, WEBHOOK_QUEUE } from '../../../src/adapters/webhooks/errands.ts'
import type { AuditEvent } from '../../../src/domain/audit.ts'
import { makeId } from '../../../src/domain/ids.ts'
import { INTERIM } from '../../../src/domain/person.ts'
import { WEBHOOKS, type Webhook } from '../../../src/domain/webhook.ts'
import { type DeadLetter, newParcel, type Parcel, UNTRIED } from '../../../src/domain/webhook-delivery.ts'
import { webhookEvent } from '../../../src/live/webhook-events.ts'
import type { Store, Webhooks } from '../../../src/ports.ts'
import { fakeStore } from '../../fakes/store.ts'
import { fakeWebhooks } from '../../fakes/webhooks.ts'

const NINE = new Date('2030-01-01T09:00:00.000Z')
const table = (name: string) =>
  openTable({ connectionString: inject('storage') }, `${name}${randomBytes(6).toString('hex')}`)
const clock = { tick: 0 }

const made: [string, () => { webhooks: Webhooks; store: Store }][] = [
  [
    'in memory',
    () => {
      const { store, events } = fakeStore()
      return { store, webhooks: fakeWebhooks(events).webhooks }
    },
  ],
  [
    'in tables',
    () => {
      const truth = table('truth')
      return { store: tableStore(truth), webhooks: tableWebhooks(truth, table('parcels'), () => clock.tick) }
    },
  ],
]

let ids = 0
const random = () => (++ids).toString(36).padStart(12, '0')
const webhookOf = (more: Partial<Webhook> = {}): Webhook => ({
  id: makeId('hook', WEBHOOKS, NINE, random()),
  name: 'SIEM',
  target: 'sealed',
  shownUrl: 'https://siem.example/',
  format: 'cloudevents',
  filter: {},
  state: 'enabled',
  disabledReason: null,
  oldSecretUntil: null,
  version: 1,
  createdDateTime: NINE.toISOString(),
  createdBy: INTERIM,
  lastModifiedDateTime: NINE.toISOString(),
  lastModifiedBy: INTERIM,
  ...more,
})
const eventOf = (webhook: Webhook): AuditEvent =>
  webhookEvent({ now: () => NINE, random }, webhook, { activity: 'Add webhook', by: INTERIM })
const eventId = (n: number) => `use-11111111000040008000000000000001-0kabcdefg000000000${n}.used`
const parcel = (id: string, n: number, minute = n, more: Partial<Parcel> = {}): Parcel => ({
  ...newParcel(id, eventId(n), NINE),
  due: new Date(NINE.getTime() + minute * 60_000).toISOString(),
  ...more,
})
const letter = (id: string, n: number): DeadLetter => {
  const { due: _, ...rest } = parcel(id, n)
  return { ...rest, diedAt: NINE.toISOString() }
}
const numbers = (all: { eventId: string }[]) => all.map(({ eventId }) => Number(eventId.at(-6)))
const at = (minute: number) => new Date(NINE.getTime() + minute * 60_000)

describe.each(made)('webhooks %s', (_, make) => {
  test('are written with their events under the lock that was read, and listed', async () => {
    const { webhooks, store } = make()
    const webhook = webhookOf()
    const event = eventOf(webhook)
    expect(await webhooks.write(webhook, undefined, [event])).toBe(true)
    expect(await webhooks.write(webhook, undefined, [])).toBe(false)
    expect(await webhooks.list()).toEqual([webhook])
    expect(await store.eventsOf(event.correlationId)).toEqual([event])
    expect(await webhooks.event(event.id)).toEqual(event)
    expect(await webhooks.event('nonsense')).toBeUndefined()
    const read = await webhooks.read(webhook.id)
    const next = { ...webhook, version: 2 }
    const written = await Promise.all([1, 2].map(() => webhooks.write(next, read, [eventOf(webhook)])))
    expect(written.sort()).toEqual([false, true])
    expect(await webhooks.list()).toEqual([next])
  })

  test('are gone when they were removed, once, and their event stays', async () => {
    const { webhooks, store } = make()
    const webhook = webhookOf()
    const event = eventOf(webhook)
    await webhooks.write(webhook, undefined, [])
    const old = await webhooks.read(webhook.id)
    await webhooks.write({ ...webhook, version: 2 }, old, [])
    const read = await webhooks.read(webhook.id)
    if (!read || !old) throw new Error('It is not there.')
    expect(await webhooks.remove(old, [event])).toBe(false)
    expect(await webhooks.remove(read, [event])).toBe(true)
    expect(await webhooks.remove(read, [event])).toBe(false)
    expect([await webhooks.list(), await webhooks.read(webhook.id)]).toEqual([[], undefined])
    expect(await store.eventsOf(event.correlationId)).toEqual([event])
  })

  test('have a health, written by one of two at once', async () => {
    const { webhooks } = make()
    const { id } = webhookOf()
    expect(await webhooks.health(id)).toBeUndefined()
    const first = await webhooks.writeHealth(id, UNTRIED, undefined)
    expect(await webhooks.writeHealth(id, UNTRIED, undefined)).toBeUndefined()
    const next = { ...UNTRIED, consecutiveFailures: 1 }
    expect(await webhooks.writeHealth(id, next, first)).toBeDefined()
    expect(await webhooks.writeHealth(id, UNTRIED, first)).toBeUndefined()
    expect((await webhooks.health(id))?.value).toEqual(next)
  })

  test('have what waits for them, by when it is due, and each its own', async () => {
    const { webhooks } = make()
    const [{ id }, other] = [webhookOf(), webhookOf()]
    await webhooks.move(
      id,
      [],
      [3, 1, 2].map((n) => parcel(id, n)),
    )
    await webhooks.move(other.id, [], [parcel(other.id, 1)])
    expect(numbers(await webhooks.waiting(id, at(2), 10))).toEqual([1, 2])
    expect(numbers(await webhooks.waiting(id, at(9), 2))).toEqual([1, 2])
    await webhooks.move(id, [parcel(id, 1)], [parcel(id, 1, 5, { attempts: 1 })])
    expect(await webhooks.waiting(id, at(9), 10)).toEqual([
      parcel(id, 2),
      parcel(id, 3),
      parcel(id, 1, 5, { attempts: 1 }),
    ])
    await webhooks.move(id, [parcel(id, 2)], [])
    await webhooks.move(id, [parcel(id, 2), parcel(id, 3)], [letter(id, 3)])
    expect(numbers(await webhooks.waiting(id, at(9), 10))).toEqual([1])
    expect(await webhooks.findDead(id, eventId(3))).toEqual(letter(id, 3))
    expect(numbers(await webhooks.waiting(other.id, at(9), 10))).toEqual([1])
    await webhooks.move(id, [], [])
  })

  test('have dead letters, page by page', async () => {
    const { webhooks } = make()
    const { id } = webhookOf()
    expect(await webhooks.findDead(id, eventId(1))).toBeUndefined()
    await webhooks.move(
      id,
      [],
      [1, 2, 3].map((n) => letter(id, n)),
    )
    const first = await webhooks.dead(id, { top: 2, after: null })
    const second = await webhooks.dead(id, { top: 2, after: first.next })
    expect([numbers(first.items), numbers(second.items), second.next]).toEqual([[1, 2], [3], null])
  })
})

test('the list is read once in a quarter of a minute, at once by who writes, and anew where that is asked', async () => {
  const [truth, parcels] = [table('truth'), table('parcels')]
  let reads = 0
  const counted = {
    ...truth,
    query: (...args: Parameters<typeof truth.query>) => {
      reads++
      return truth.query(...args)
    },
  }
  const ours = tableWebhooks(counted, parcels, () => clock.tick)
  const theirs = tableWebhooks(truth, parcels, () => clock.tick)
  clock.tick = 100_000
  expect(await ours.list()).toEqual([])
  const [a, b] = [webhookOf(), webhookOf()]
  await theirs.write(a, undefined, [])
  clock.tick += 14_000
  expect([await ours.list(), reads]).toEqual([[], 1])
  expect([await ours.list('fresh'), reads]).toEqual([[a], 2])
  clock.tick += 15_000
  expect([await ours.list(), reads]).toEqual([[a], 3])
  await ours.write(b, undefined, [])
  expect([await ours.list(), reads]).toEqual([[a, b], 4])
})

test('errands wait in a queue that is made when there is none, as long as they are told to', async () => {
  const queue = new QueueClient(inject('storage'), WEBHOOK_QUEUE)
  await queue.deleteIfExists()
  const errands = queueErrands({ connectionString: inject('storage') })
  const each = Array.from({ length: 20 }, (_, n) => ({ webhookId: 'hook-1', eventId: `e-${n}` }))
  await errands.send(each)
  await errands.send([{ webhookId: 'hook-1', eventId: null }], 60_000)
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 })
  const seen = peekedMessageItems.map(({ messageText }) =>
    JSON.parse(`${Buffer.from(messageText, 'base64')}`),
  )
  expect(seen.map(({ eventId }) => eventId).sort()).toEqual(each.map(({ eventId }) => eventId).sort())
  expect((await queue.getProperties()).approximateMessagesCount).toBe(21)
  await queue.deleteIfExists()
})
