import { QueueClient } from '@azure/storage-queue'

export type QueueAccess =
  | { connectionString: string }
  | { url: string; credential: import('@azure/identity').TokenCredential }

/** The service hides a message for a week at most, and keeps it for one. */
const LONGEST_DELAY = 6 * 24 * 3600

/** Puts a text into a queue, unseen for so many seconds. Rejects with what the service said, or when it takes too long. */
export type Put = (text: string, delaySeconds?: number) => Promise<void>

/** A queue that is made when it is first written to. Who waits for an answer has `patienceMs` for it, where the SDK has more. */
export function storageQueue(name: string, access: QueueAccess, patienceMs: number): Put {
  const queue =
    'url' in access
      ? new QueueClient(`${access.url.replace(/\/$/, '')}/${name}`, access.credential)
      : new QueueClient(access.connectionString, name)
  return async (text, delaySeconds = 0) => {
    const abortSignal = AbortSignal.timeout(patienceMs)
    const options = {
      abortSignal,
      ...(delaySeconds > 0 && { visibilityTimeout: Math.min(delaySeconds, LONGEST_DELAY) }),
    }
    await queue.sendMessage(text, options).catch(async (error) => {
      if (error?.statusCode !== 404) throw error
      await queue.createIfNotExists({ abortSignal })
      await queue.sendMessage(text, options)
    })
  }
}
