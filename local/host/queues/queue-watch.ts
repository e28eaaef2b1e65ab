import type { QueueListener } from './queue-listener.ts'

/** When one queue is looked at: soon after something may have been put there, and ever more rarely while it is empty. */
export type QueueWatch = {
  start(): void
  /** Answers how many messages were taken. */
  pollNow(): Promise<number>
  /** The same, unless nothing was put there from here since a look took all that there was. */
  pollForNew(): Promise<number>
  /** Something happened after which there may be messages. */
  nudge(): void
  stop(): void
}

const QUICKEST = 100

/** `slowest` in real milliseconds; `failed` hears of looks of its own that went wrong. */
export function createQueueWatch(
  listener: QueueListener,
  slowest: number,
  failed: (error: unknown) => void,
): QueueWatch {
  let wait = QUICKEST
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  /** How often something may have been put there; and how often it was when all of it was last taken. */
  let sent = 1
  let emptyAt = 0

  const pollNow = async () => {
    const before = sent
    const { taken, mayHaveMore } = await listener.poll()
    if (!mayHaveMore) emptyAt = Math.max(emptyAt, before)
    return taken
  }

  const round = async () => {
    const found = await pollNow().catch((error) => {
      failed(error)
      return 0
    })
    wait = found > 0 ? QUICKEST : Math.min(wait * 2, slowest)
    schedule()
  }

  const schedule = () => {
    clearTimeout(timer)
    if (isRunning) timer = setTimeout(() => void round(), wait)
  }

  return {
    start() {
      isRunning = true
      schedule()
    },
    pollNow,
    // An empty look costs more than all else in an idle hour. One that is still under way has found nothing out yet.
    pollForNew: async () => (emptyAt < sent ? pollNow() : 0),
    nudge() {
      sent++
      if (wait <= QUICKEST) return
      wait = QUICKEST
      schedule()
    },
    stop() {
      isRunning = false
      clearTimeout(timer)
    },
  }
}
