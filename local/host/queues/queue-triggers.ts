import { type QueueClient as Client, QueueClient } from '@azure/storage-queue'
import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { HostJson } from '../host-json.ts'
import type { Log } from '../log.ts'
import { connectionString, resolveSettings } from '../settings.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { createQueueListener, type QueueListener } from './queue-listener.ts'

export type QueueTriggers = {
  start(): Promise<void>
  /** Looks at every queue now; answers how many messages were taken. */
  pollNow(): Promise<number>
  /** Something happened after which there may be messages. */
  nudge(): void
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

  const pollNow = async () => {
    const counts = await Promise.all(listeners.map((listener) => listener.poll()))
    return counts.reduce((sum, count) => sum + count, 0)
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

  const nudge = () => {
    if (wait <= QUICKEST) return
    wait = QUICKEST
    schedule()
  }

  return {
    async start() {
      await Promise.all(queues.map((queue) => queue.createIfNotExists()))
      schedule()
    },
    pollNow,
    nudge,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
