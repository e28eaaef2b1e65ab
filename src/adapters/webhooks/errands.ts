import { type Errands, Unavailable } from '../../ports.ts'
import { type QueueAccess, storageQueue } from '../storage-queue.ts'

export const WEBHOOK_QUEUE = 'interim-webhooks'

/** Errands wait in a storage queue of their own: slow webhooks keep no mail waiting. */
export function queueErrands(access: QueueAccess, patienceMs = 10_000): Errands {
  const put = storageQueue(WEBHOOK_QUEUE, access, patienceMs)
  return {
    async send(errands, afterMillis = 0) {
      const texts = errands.map((errand) => Buffer.from(JSON.stringify(errand)).toString('base64'))
      try {
        await put(texts, { delaySeconds: Math.ceil(afterMillis / 1000), atOnce: AT_ONCE })
      } catch (error) {
        throw new Unavailable(`The queue of the webhooks did not take an errand: ${error}`)
      }
    },
  }
}

const AT_ONCE = 8
