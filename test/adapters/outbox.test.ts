import { QueueClient, QueueServiceClient } from '@azure/storage-queue'
import { expect, inject, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { messagesOf, OUTBOX_QUEUE, queueOutbox } from '../../src/adapters/outbox.ts'
import type { DigestNotice, Notice } from '../../src/domain/notice.ts'
import { opened } from '../../src/domain/request-steps.ts'
import { pending } from '../domain/requests.ts'
import { world } from '../fakes/world.ts'

test('a notice that a thousand people are still to hear goes in several messages, and nobody is left out or told twice', async () => {
  const connectionString = inject('storage')
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(OUTBOX_QUEUE)
  await queue.deleteIfExists()
  const left = Array.from(
    { length: 1000 },
    (_, n) => `removalFailing 11111111-0000-4000-8000-${`${n}`.padStart(12, '0')}`,
  )
  const notice: Notice = { kinds: ['removalFailing'], request: pending, events: [], left }
  await queueOutbox({ connectionString }).send(notice)
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 })
  const heard = receivedMessageItems.map(({ messageText }) => {
    expect(messageText.length).toBeLessThanOrEqual(64 * 1024)
    return JSON.parse(Buffer.from(messageText, 'base64').toString()) as Notice
  })
  expect(heard.length).toBeGreaterThan(1)
  expect(heard.flatMap((each) => each.left)).toEqual(left)
  for (const each of heard) expect(each).toMatchObject({ kinds: notice.kinds, request: { id: pending.id } })
  await queue.deleteIfExists()
})

const digestNotice = (personId: string): DigestNotice => ({
  kinds: ['weeklyDigest'],
  digest: { week: '2030-W01' },
  personId,
  events: [],
})

test('what is to wait is in the queue and seen by nobody; what is not, is', async () => {
  const connectionString = inject('storage')
  const queue = new QueueClient(connectionString, OUTBOX_QUEUE)
  const outbox = queueOutbox({ connectionString })
  await outbox.send(digestNotice('at once'))
  await outbox.send(digestNotice('later'), { delaySeconds: 3600 })
  await outbox.send(digestNotice('much later'), { delaySeconds: 30 * 24 * 3600 }) // more than the service allows
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 10 })
  const seen = receivedMessageItems.map(({ messageText }) =>
    JSON.parse(Buffer.from(messageText, 'base64').toString()),
  )
  expect(seen).toEqual([digestNotice('at once')])
  expect((await queue.getProperties()).approximateMessagesCount).toBe(3)
  await queue.delete()
})

test('events that are too much for one message are indexed all the same, after the mails: nobody is told again at every sweep', async () => {
  const events = opened(pending).events.flatMap((event) =>
    Array.from({ length: 20 }, (_, n) => ({
      ...event,
      id: `${event.id}-${n}`,
      resultReason: '理'.repeat(1000),
    })),
  )
  const messages = messagesOf({ kinds: ['decided'], request: pending, events }).map(
    (text) => JSON.parse(Buffer.from(text, 'base64').toString()) as Notice,
  )
  expect(messages[0]).toMatchObject({ kinds: ['decided'], events: [] })
  expect(messages.slice(1).flatMap((each) => each.events.map(({ id }) => id))).toEqual(
    events.map(({ id }) => id),
  )
  const w = world()
  for (const each of messages.slice(1)) await deliver(w.ports, each)
  expect(w.post.mails).toEqual([])
  expect([...w.views.indexed.keys()].sort()).toEqual(events.map(({ id }) => id).sort())
})
