import { QueueClient } from '@azure/storage-queue'
import type { EligibilityNotice, Notice } from '../domain/notice.ts'
import { type Outbox, Unavailable } from '../ports.ts'

export const OUTBOX_QUEUE = 'interim-outbox'

export type QueueAccess =
  | { connectionString: string }
  | { url: string; credential: import('@azure/identity').TokenCredential }

/** As the queue trigger expects it; undefined when it is more than a message may hold. */
function encoded(notice: Notice | EligibilityNotice): string | undefined {
  const text = Buffer.from(JSON.stringify(notice)).toString('base64')
  return text.length <= 64 * 1024 ? text : undefined
}

/** Notices wait in a storage queue; the host brings them to `deliver`, again until it has gone well. */
export function queueOutbox(access: QueueAccess): Outbox {
  const queue =
    'url' in access
      ? new QueueClient(`${access.url.replace(/\/$/, '')}/${OUTBOX_QUEUE}`, access.credential)
      : new QueueClient(access.connectionString, OUTBOX_QUEUE)
  return {
    async send(notice) {
      const text = encoded(notice) ?? encoded({ ...notice, events: [] }) ?? '' // the sweep indexes what did not fit
      try {
        await queue.sendMessage(text).catch(async (error) => {
          if (error?.statusCode !== 404) throw error
          await queue.createIfNotExists()
          return queue.sendMessage(text)
        })
      } catch (error) {
        throw new Unavailable(`The outbox did not take a notice: ${error}`)
      }
    },
  }
}
