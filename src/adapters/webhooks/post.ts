import type { IncomingMessage } from 'node:http'
import { type Outcome, verdictOf } from '../../domain/webhook-delivery.ts'
import { Forbidden } from '../outside/addresses.ts'
import { codeOf, MOST_READ, reach, type Sending } from '../outside/reach.ts'

export type Posting = Sending & { patienceMs: number; now: () => number }

/** One delivery. The answer is not believed to be short or quick, and what it says goes nowhere but its status. */
export async function post(posting: Posting): Promise<Outcome> {
  const signal = AbortSignal.timeout(posting.patienceMs)
  try {
    const headers = { ...posting.headers, 'user-agent': 'Interim-Webhooks/1.0', accept: '*/*' }
    const response = await reach({ ...posting, headers }, signal)
    const outcome = outcomeOf(response, posting.now())
    await overheard(response)
    return outcome
  } catch (error) {
    if (error instanceof Forbidden) return { verdict: 'refused', reason: error.message }
    const reason = signal.aborted
      ? `No answer within ${Math.round(posting.patienceMs / 1000)} seconds.`
      : `No connection (${codeOf(error)}).`
    return { verdict: 'later', reason }
  }
}

/** The status stands, whatever becomes of the rest: an endpoint that said 200 has taken it. */
function overheard(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let read = 0
    const done = () => {
      response.destroy()
      resolve()
    }
    response.on('data', (chunk: Buffer) => {
      read += chunk.length
      if (read > MOST_READ) done()
    })
    response.on('end', done)
    response.on('error', done)
    response.on('close', done)
  })
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage, now: number): Outcome {
  const verdict = verdictOf(statusCode)
  const redirects = statusCode >= 300 && statusCode < 400 ? ' Redirects are not followed.' : ''
  const retryAfterSeconds = retryAfter(headers['retry-after'], now)
  return {
    verdict,
    reason: `Answered ${statusCode}.${redirects}`,
    ...(verdict === 'later' && retryAfterSeconds && { retryAfterSeconds }),
  }
}

/** Seconds, or an instant; anything else says nothing. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - now) / 1000))
}
