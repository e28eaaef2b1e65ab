import { QueueClient } from '@azure/storage-queue'
import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { HostJson } from '../host-json.ts'
import type { Log } from '../log.ts'
import { connectionString, resolveSettings } from '../settings.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { createQueueListener } from './queue-listener.ts'
import { createQueueWatch, type QueueWatch } from './queue-watch.ts'
import { whenSent } from './sent.ts'

export type QueueTriggers = {
  start(): Promise<void>
  /** Looks at every queue now; answers how many messages were taken. */
  pollNow(): Promise<number>
  /** The same, but for the queues into which nothing was put from here since a look took all that there was. */
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

export function createQueueTriggers(options: Options): QueueTriggers {
  const { settings, log } = options
  // At rest all queues together cost about one operation a second.
  const slowest = Math.max(settings.maxPollingInterval, options.functions.length * 1000)

  const watches = options.functions.map((fn) => {
    const where = `Function ${fn.name}`
    const connection = connectionString(String(fn.trigger.connection ?? ''), where)
    const name = resolveSettings(String(fn.trigger.queueName), where)
    const queue = new QueueClient(connection, name)
    const listener = createQueueListener({
      ...options,
      fn,
      queue,
      poison: () => new QueueClient(connection, `${name}-poison`),
      nudge: () => watch.nudge(),
    })
    const watch = createQueueWatch(listener, slowest, (error) =>
      log.say(`Looking at the queue ${name} failed: ${error}`),
    )
    return { queue, ...watch }
  })
  const all = async (look: (watch: QueueWatch) => Promise<number>) =>
    (await Promise.all(watches.map(look))).reduce((sum, found) => sum + found, 0)

  let stopHearing: (() => void) | undefined

  return {
    async start() {
      await Promise.all(watches.map(({ queue }) => queue.createIfNotExists()))
      stopHearing = whenSent((name) => {
        for (const { queue, nudge } of watches) if (queue.name === name) nudge()
      })
      for (const watch of watches) watch.start()
    },
    pollNow: () => all((watch) => watch.pollNow()),
    pollForNew: () => all((watch) => watch.pollForNew()),
    stop() {
      stopHearing?.()
      for (const watch of watches) watch.stop()
    },
  }
}
