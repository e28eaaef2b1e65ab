/** How a due thing came to be fired: in its time, or because a jump passed over it. */
export type Fired = { jumped: boolean }

/** Everything that is due at an instant of the movable clock: durable timers, timer triggers, retries. */
export type Agenda = {
  /** `fire` lists its work before it returns. The answer cancels. */
  at(due: number, fire: (how: Fired) => void): () => void
  nextDue(): number | undefined
  /** Fires all that is due by now, in order; answers how many. */
  fireDue(how?: Fired): number
  /** While paused nothing fires by itself: a walk decides what is next. */
  pause(): void
  resume(): void
  /** The clock moved: look again at what is next. */
  moved(): void
}

type Entry = { due: number; fire(how: Fired): void }

const LONGEST_TIMEOUT = 2 ** 31 - 1

export function createAgenda(): Agenda {
  const entries: Entry[] = []
  let alarm: NodeJS.Timeout | undefined
  let paused = false

  const arm = () => {
    clearTimeout(alarm)
    const first = entries[0]
    if (!first || paused) return
    alarm = setTimeout(
      () => {
        fireDue()
        arm()
      },
      Math.min(Math.max(first.due - Date.now(), 0), LONGEST_TIMEOUT),
    )
  }

  const insert = (entry: Entry) => {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((entries[middle] as Entry).due <= entry.due) low = middle + 1
      else high = middle
    }
    entries.splice(low, 0, entry)
    return low
  }

  const fireDue = (how: Fired = { jumped: false }) => {
    const now = Date.now()
    let fired = 0
    while (entries[0] && entries[0].due <= now) {
      entries.shift()?.fire(how)
      fired++
    }
    return fired
  }

  return {
    at(due, fire) {
      const entry = { due, fire }
      if (insert(entry) === 0) arm()
      return () => {
        const index = entries.indexOf(entry)
        if (index >= 0) entries.splice(index, 1)
      }
    },
    nextDue: () => entries[0]?.due,
    fireDue,
    pause() {
      paused = true
      clearTimeout(alarm)
    },
    resume() {
      paused = false
      arm()
    },
    moved: arm,
  }
}
