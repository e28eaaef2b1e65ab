import { QueueServiceClient } from '@azure/storage-queue'
import { expect, inject, test } from 'vitest'
import { OUTBOX_QUEUE, queueOutbox } from '../../src/adapters/outbox.ts'
import type { Notice } from '../../src/domain/notice.ts'
import { pending } from '../domain/requests.ts'

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
