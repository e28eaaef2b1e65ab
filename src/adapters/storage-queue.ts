import { QueueClient } from '@azure/storage-queue'

export type QueueAccess =
  | { connectionString: string }
  | { url: string; credential: import('@azure/identity').TokenCredential }

/** The service hides a message for a week at most, and keeps it for one. */
const LONGEST_DELAY = 6 * 24 * 3600

type Sending = {
  /** For so long nobody sees them. */
  delaySeconds?: number | undefined
  /** So many on their way together, the rest after them; one after the other if not said. */
  atOnce?: number
}

/** Puts texts into a queue. Rejects with what the service said, or when all of them together take too long. */
export type Put = (texts: readonly string[], sending?: Sending) => Promise<void>

/** A queue that is made when it is first written to. Who waits for an answer has `patienceMs` for it, where the SDK has more. */
export function storageQueue(name: string, access: QueueAccess, patienceMs: number): Put {
  const queue =
    'url' in access
      ? new QueueClient(`${access.url.replace(/\/$/, '')}/${name}`, access.credential)
      : new QueueClient(access.connectionString, name)
  return async (texts, { delaySeconds = 0, atOnce = 1 } = {}) => {
    const abortSignal = AbortSignal.timeout(patienceMs)
    const options = {
      abortSignal,
      ...(delaySeconds > 0 && { visibilityTimeout: Math.min(delaySeconds, LONGEST_DELAY) }),
    }
    const put = (text: string) =>
      queue.sendMessage(text, options).catch(async (error) => {
        if (error?.statusCode !== 404) throw error
        await queue.createIfNotExists({ abortSignal })
        await queue.sendMessage(text, options)
      })
    for (let start = 0; start < texts.length; start += atOnce)
      await Promise.all(texts.slice(start, start + atOnce).map(put))
  }
}
