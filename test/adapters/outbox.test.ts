import { QueueClient } from '@azure/storage-queue'
import { expect, inject, test } from 'vitest'
import { OUTBOX_QUEUE, queueOutbox } from '../../src/adapters/outbox.ts'
import type { DigestNotice } from '../../src/domain/notice.ts'

const notice = (personId: string): DigestNotice => ({
  kinds: ['weeklyDigest'],
  digest: { week: '2030-W01' },
  personId,
  events: [],
})

test('what is to wait is in the queue and seen by nobody; what is not, is', async () => {
  const connectionString = inject('storage')
  const queue = new QueueClient(connectionString, OUTBOX_QUEUE)
  const outbox = queueOutbox({ connectionString })
  await outbox.send(notice('at once'))
  await outbox.send(notice('later'), { delaySeconds: 3600 })
  await outbox.send(notice('much later'), { delaySeconds: 30 * 24 * 3600 }) // more than the service allows
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 10 })
  const seen = receivedMessageItems.map(({ messageText }) =>
    JSON.parse(Buffer.from(messageText, 'base64').toString()),
  )
  expect(seen).toEqual([notice('at once')])
  expect((await queue.getProperties()).approximateMessagesCount).toBe(3)
  await queue.delete()
})
