import { type QueueClient as Client, QueueClient } from '@azure/storage-queue'
import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { HostJson } from '../host-json.ts'
import type { Log } from '../log.ts'
import { connectionString, resolveSettings } from '../settings.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { createQueueListener, type QueueListener } from './queue-listener.ts'
import { whenSent } from './sent.ts'

export type QueueTriggers = {
  start(): Promise<void>
  /** Looks at every queue now; answers how many messages were taken. */
  pollNow(): Promise<number>
  /** The same, unless nothing was put into a queue from here since the last look found all of them empty. */
  pollForNew(): Promise<number>
  stop(): void
}

type Options = {
  functions: HostedFunction[]
  settings: HostJson['queues']
  timeout: number
  leaseSeconds: number
  agenda: Agenda
  work: Work
  log: Log
  invoke: Invoke
}

const QUICKEST = 100

export function createQueueTriggers(options: Options): QueueTriggers {
  const { settings, log } = options
  const queues: Client[] = []
  const listeners: QueueListener[] = options.functions.map((fn) => {
    const where = `Function ${fn.name}`
    const connection = connectionString(String(fn.trigger.connection ?? ''), where)
    const name = resolveSettings(String(fn.trigger.queueName), where)
    const queue = new QueueClient(connection, name)
    queues.push(queue)
    return createQueueListener({
      ...options,
      fn,
      queue,
      poison: () => new QueueClient(connection, `${name}-poison`),
      nudge: () => nudge(),
    })
  })
  // At rest all queues together cost about one operation a second.
  const slowest = Math.max(settings.maxPollingInterval, listeners.length * 1000)
  let wait = QUICKEST
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  /** How often something may have been put into a queue; and how often it was when all were last found empty. */
  let sent = 1
  let emptyAt = 0

  const pollNow = async () => {
    const before = sent
    const counts = await Promise.all(listeners.map((listener) => listener.poll()))
    const found = counts.reduce((sum, count) => sum + count, 0)
    if (found === 0) emptyAt = Math.max(emptyAt, before)
    return found
  }

  const round = async () => {
    const found = await pollNow().catch((error) => {
      log.say(`Looking at the queues failed: ${error}`)
      return 0
    })
    wait = found > 0 ? QUICKEST : Math.min(wait * 2, slowest)
    schedule()
  }

  const schedule = () => {
    clearTimeout(timer)
    if (!stopped && listeners.length > 0) timer = setTimeout(() => void round(), wait)
  }

  /** Something happened after which there may be messages. */
  const nudge = () => {
    sent++
    if (wait <= QUICKEST) return
    wait = QUICKEST
    schedule()
  }

  let stopHearing: (() => void) | undefined

  return {
    async start() {
      await Promise.all(queues.map((queue) => queue.createIfNotExists()))
      stopHearing = whenSent(nudge)
      schedule()
    },
    pollNow,
    // An empty look costs more than all else in an idle hour. One that is still under way has found nothing out yet.
    pollForNew: async () => (emptyAt < sent ? pollNow() : 0),
    stop() {
      stopped = true
      stopHearing?.()
      clearTimeout(timer)
    },
  }
}
