import { clockOffset, machineNow, setClockOffset } from './moved-date.ts'

/** Where the offset lives between runs, and who else must hear of a move. */
export type ClockKeeper = { read(): Promise<number>; write(offset: number): Promise<void> }

export type Clock = {
  now(): number
  offset(): number
  /** Moves forward to the instant; never back. */
  moveTo(instant: number): Promise<void>
}

export async function createClock(keeper: ClockKeeper): Promise<Clock> {
  setClockOffset(await keeper.read())
  return {
    now: () => Date.now(),
    offset: clockOffset,
    async moveTo(instant) {
      const offset = instant - machineNow()
      if (offset <= clockOffset()) return
      await keeper.write(offset)
      // Machine time went on meanwhile; the offset that was announced is the one that counts.
      setClockOffset(offset)
    },
  }
}

/** The simulated tenant's clock: it is told of a move before this host moves. */
export function sharedClock(url: string): ClockKeeper {
  const call = async (init?: RequestInit) => {
    const answer = await fetch(url, init).catch((error) => {
      throw new Error(`The clock at LOCAL_CLOCK_URL (${url}) does not answer: ${error.cause ?? error}`)
    })
    if (!answer.ok) throw new Error(`The clock at LOCAL_CLOCK_URL (${url}) answered ${answer.status}.`)
    return answer
  }
  return {
    async read() {
      const { offset } = (await (await call()).json()) as { offset: number }
      return offset
    },
    async write(offset) {
      const answer = await call({
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ offset }),
      })
      await answer.arrayBuffer()
    },
  }
}
