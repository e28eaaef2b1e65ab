import { machineNow } from './moved-date.ts'

/** What the host is doing at this moment. It is idle when nothing is listed. */
export type Work = {
  /** Lists a piece of work; the answer takes it off the list. */
  start(what: string): () => void
  running(): string[]
  /** Resolves once nothing is running; throws StillBusy at the deadline (machine time). */
  settled(deadline: number): Promise<void>
  /** Called whenever a piece of work ends. */
  onEnd(listener: (what: string) => void): void
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
  const listeners: ((what: string) => void)[] = []
  let waiters: (() => void)[] = []
  let count = 0

  const end = (id: number, what: string) => {
    if (!open.delete(id)) return
    for (const listener of listeners) listener(what)
    if (open.size > 0) return
    const woken = waiters
    waiters = []
    for (const wake of woken) wake()
  }

  return {
    start(what) {
      const id = count++
      open.set(id, what)
      return () => end(id, what)
    },
    running: () => [...open.values()],
    onEnd: (listener) => void listeners.push(listener),
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
