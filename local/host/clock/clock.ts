import { Agent, request } from 'node:http'
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
  const call = async (body?: string) => {
    const { status, text } = await ask(url, body).catch((error) => {
      throw new Error(`The clock at LOCAL_CLOCK_URL (${url}) does not answer: ${error}`)
    })
    if (status !== 200) throw new Error(`The clock at LOCAL_CLOCK_URL (${url}) answered ${status}.`)
    return text
  }
  return {
    read: async () => (JSON.parse(await call()) as { offset: number }).offset,
    write: async (offset) => void (await call(JSON.stringify({ offset }))),
  }
}

const agent = new Agent({ keepAlive: true })

/** GET, or PUT where there is a body. A walk asks at each of its steps, which with fetch was a good part of its cost. */
function ask(url: string, body?: string, isAgain = false): Promise<{ status: number; text: string }> {
  return new Promise((answered, failed) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const asking = request(url, { agent, method: body === undefined ? 'GET' : 'PUT', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => answered({ status: answer.statusCode ?? 0, text }))
      answer.on('error', failed)
    })
    asking.on('error', (error) => {
      // The other side had just closed a connection that was kept; saying an offset twice is saying it once.
      if (asking.reusedSocket && !isAgain) answered(ask(url, body, true))
      else failed(error)
    })
    asking.end(body)
  })
}
