import { QueueClient } from '@azure/storage-queue'
import { type Errands, Unavailable } from '../../ports.ts'
import type { QueueAccess } from '../outbox.ts'

export const WEBHOOK_QUEUE = 'interim-webhooks'

/** Longer than a message lives. */
const LONGEST_DELAY = 6 * 24 * 3600

/** Errands wait in a storage queue of their own: slow webhooks keep no mail waiting. */
export function queueErrands(access: QueueAccess, patienceMs = 10_000): Errands {
  const queue =
    'url' in access
      ? new QueueClient(`${access.url.replace(/\/$/, '')}/${WEBHOOK_QUEUE}`, access.credential)
      : new QueueClient(access.connectionString, WEBHOOK_QUEUE)
  return {
    async send(errands, afterMillis = 0) {
      const visibilityTimeout = Math.min(Math.ceil(afterMillis / 1000), LONGEST_DELAY)
      const options = {
        abortSignal: AbortSignal.timeout(patienceMs),
        ...(visibilityTimeout > 0 && { visibilityTimeout }),
      }
      const put = (errand: object) =>
        queue.sendMessage(Buffer.from(JSON.stringify(errand)).toString('base64'), options)
      try {
        for (let start = 0; start < errands.length; start += AT_ONCE)
          await Promise.all(
            errands.slice(start, start + AT_ONCE).map((errand) =>
              put(errand).catch(async (error) => {
                if (error?.statusCode !== 404) throw error
                await queue.createIfNotExists({ abortSignal: options.abortSignal })
                return put(errand)
              }),
            ),
          )
      } catch (error) {
        throw new Unavailable(`The queue of the webhooks did not take an errand: ${error}`)
      }
    },
  }
}

const AT_ONCE = 8
