import { machineNow } from './moved-date.ts'

/** What the host is doing at this moment. It is idle when nothing is listed. */
export type Work = {
  /** Lists a piece of work; the answer takes it off the list. */
  start(what: string): () => void
  running(): string[]
  /** Resolves once nothing is running; throws StillBusy at the deadline (machine time). */
  settled(deadline: number): Promise<void>
}

export class StillBusy extends Error {
  readonly running: string[]
  constructor(running: string[]) {
    super(`Still running: ${running.join(', ')}`)
    this.running = running
  }
}

export function createWork(): Work {
  const open = new Map<number, string>()
  let waiters: (() => void)[] = []
  let count = 0

  const end = (id: number) => {
    if (!open.delete(id)) return
    if (open.size > 0) return
    const woken = waiters
    waiters = []
    for (const wake of woken) wake()
  }

  return {
    start(what) {
      const id = count++
      open.set(id, what)
      return () => end(id)
    },
    running: () => [...open.values()],
    async settled(deadline) {
      while (open.size > 0) {
        const left = deadline - machineNow()
        if (left <= 0) throw new StillBusy([...open.values()])
        await new Promise<void>((wake) => {
          const timer = setTimeout(wake, left)
          waiters.push(() => {
            clearTimeout(timer)
            wake()
          })
        })
      }
    },
  }
}
