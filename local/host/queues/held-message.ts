import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue'

/**
 * A message we keep invisible for as long as we need, by renewing a short lease. Short, so that another start
 * of the host gets it soon when this process is killed.
 */
export type HeldMessage = {
  /** Visible again at once: the next receive counts it up. */
  release(): Promise<void>
  remove(): Promise<void>
}

export function holdMessage(
  queue: QueueClient,
  message: DequeuedMessageItem,
  leaseSeconds: number,
): HeldMessage {
  let receipt = message.popReceipt
  // One request at a time: each renewal gives a new receipt and spoils the old.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>) => {
    const mine = last.then(run, run)
    last = mine.catch(() => undefined)
    return mine
  }
  const setInvisible = (seconds: number) =>
    inTurn(async () => {
      const answer = await queue.updateMessage(message.messageId, receipt, undefined, seconds)
      receipt = answer.popReceipt ?? receipt
    })
  const renewal = setInterval(
    () => void setInvisible(leaseSeconds).catch(() => undefined),
    (leaseSeconds / 2) * 1000,
  )
  renewal.unref()

  return {
    async release() {
      clearInterval(renewal)
      await setInvisible(0)
    },
    async remove() {
      clearInterval(renewal)
      await inTurn(() => queue.deleteMessage(message.messageId, receipt))
    },
  }
}
