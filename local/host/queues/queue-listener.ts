import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue'
import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { HostJson } from '../host-json.ts'
import type { Log } from '../log.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { type HeldMessage, holdMessage } from './held-message.ts'
import { messageBody, messageMetadata } from './queue-message.ts'

/** What a function fails on in a poison queue is not moved any further: it stays with whoever took it, and comes again. */
const POISONED_AGAIN = 10 * 60_000

export type QueueListener = {
  /** Receives what is visible now, as far as there is room. */
  poll(): Promise<Looked>
}
/** How many messages were taken, and whether there may be more where they were. */
export type Looked = { taken: number; mayHaveMore: boolean }

type Options = {
  fn: HostedFunction
  queue: QueueClient
  poison: () => QueueClient
  settings: HostJson['queues']
  timeout: number
  /** Real seconds until the queue gives a message out again when this process is killed. */
  leaseSeconds: number
  agenda: Agenda
  work: Work
  log: Log
  invoke: Invoke
  /** Something became visible again: look soon. */
  nudge: () => void
}

export function createQueueListener(options: Options): QueueListener {
  const { fn, queue, poison, settings, agenda, work, log, invoke, nudge } = options
  const isLast = queue.name.endsWith('-poison')
  const pause = isLast ? POISONED_AGAIN : settings.visibilityTimeout
  let running = 0
  let polling: Promise<Looked> | undefined
  let mayHaveMore = false

  const moveToPoison = async (message: DequeuedMessageItem, held: HeldMessage) => {
    const target = poison()
    await target.createIfNotExists()
    await target.sendMessage(message.messageText)
    await held.remove()
    log.complain(`Message ${message.messageId} of queue ${queue.name} was moved to ${target.name}.`)
  }

  /** Nothing of ours is lost meanwhile: the lease is renewed until the movable clock says it is time. */
  const retryLater = (held: HeldMessage) => {
    const again = () => {
      const done = work.start(`retry of a message of queue ${queue.name}`)
      held
        .release()
        .catch((error) => log.complain(`Releasing a message of queue ${queue.name} failed: ${error}`))
        .finally(() => {
          nudge()
          done()
        })
    }
    if (pause === 0) again()
    else agenda.at(Date.now() + pause, again)
  }

  const handle = async (message: DequeuedMessageItem) => {
    const held = holdMessage(queue, message, options.leaseSeconds)
    const body = messageBody(message, settings.base64)
    if (body === undefined) {
      log.complain(`Message ${message.messageId} of queue ${queue.name} is not base64-encoded.`)
      return moveToPoison(message, held)
    }
    try {
      await invoke(fn, {
        data: { string: body },
        triggerMetadata: messageMetadata(message, body),
        timeout: options.timeout,
      })
    } catch (error) {
      log.complain(`error ${fn.name} ${error instanceof Error ? (error.stack ?? error.message) : error}`)
      if (!isLast && message.dequeueCount >= settings.maxDequeueCount) return moveToPoison(message, held)
      return retryLater(held)
    }
    await held.remove()
  }

  const take = (message: DequeuedMessageItem) => {
    const done = work.start(`queue ${queue.name}`)
    running++
    handle(message)
      .catch((error) => log.complain(`Queue ${queue.name}: ${error}`))
      .finally(() => {
        running--
        if (mayHaveMore) nudge() // there is room again
        done()
      })
  }

  const receive = async (): Promise<Looked> => {
    if (running > settings.newBatchThreshold) {
      mayHaveMore = true
      return { taken: 0, mayHaveMore }
    }
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: settings.batchSize,
      visibilityTimeout: options.leaseSeconds,
    })
    for (const message of receivedMessageItems) take(message)
    const taken = receivedMessageItems.length
    mayHaveMore = taken === settings.batchSize
    return { taken, mayHaveMore }
  }

  return {
    async poll() {
      // Two receives at once would take more than a batch; but the one under way may have looked too early.
      await polling?.catch(() => undefined)
      polling ??= receive().finally(() => {
        polling = undefined
      })
      return polling
    },
  }
}
