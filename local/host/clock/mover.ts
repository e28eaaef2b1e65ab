import type { Agenda } from './agenda.ts'
import type { Clock } from './clock.ts'

export type Mover = {
  /** From due thing to due thing, each one finished before the next. Answers the number of steps. */
  walk(target: number): Promise<number>
  /** As a host that slept: to the target at once, then everything overdue. */
  jump(target: number): Promise<number>
}

export type Rest = {
  /** Nothing is running or due, and the queues are empty. */
  idle(): Promise<void>
  /** The same as far as this process itself has filled them: between two steps nobody else does. */
  settled(): Promise<void>
}

/** Moves are serialised: the second starts where the first ended. */
export function createMover(clock: Clock, agenda: Agenda, { idle, settled }: Rest): Mover {
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = (move: () => Promise<number>) => {
    const mine = last.then(move)
    last = mine.catch(() => undefined)
    return mine
  }

  const setTo = async (instant: number) => {
    await clock.moveTo(instant)
    agenda.moved()
  }

  async function walk(target: number) {
    agenda.pause()
    try {
      await idle()
      let steps = 0
      for (let due = agenda.nextDue(); due !== undefined && due <= target; due = agenda.nextDue()) {
        await setTo(due)
        agenda.fireDue()
        await settled()
        steps++
      }
      await setTo(target)
      await idle()
      return steps
    } finally {
      agenda.resume()
    }
  }

  async function jump(target: number) {
    agenda.pause()
    try {
      await setTo(target)
      const steps = agenda.fireDue({ jumped: true })
      await idle()
      return steps
    } finally {
      agenda.resume()
    }
  }

  return {
    walk: (target) => inTurn(() => walk(target)),
    jump: (target) => inTurn(() => jump(target)),
  }
}
