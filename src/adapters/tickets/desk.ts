import type { IncomingMessage } from 'node:http'
import { type DeskDemand, type Evaluation, evaluationIn } from '../../domain/ticket-check.ts'
import { type TicketDesk, Unavailable } from '../../ports.ts'
import type { TokenSource } from '../entra/app-token.ts'
import { Forbidden, type Resolve } from '../outside/addresses.ts'
import { abortable, codeOf, MOST_READ, reach } from '../outside/reach.ts'
import { retryAfterOf } from '../retry-after.ts'

export type DeskOptions = {
  /** Hosts that may be in any network, and be called without TLS where they are this very machine. */
  allowedHosts: readonly string[]
  /** The app's own tokens for an application, by its `resourceId`. */
  tokensFor: (resourceId: string) => TokenSource
  pauseMs?: number
  resolve?: Resolve
}

/** It has answered, and not so that asking again would help. */
class Useless extends Unavailable {}

/** It has said when to ask again. */
class Later extends Unavailable {
  readonly millis: number
  constructor(message: string, seconds: number) {
    super(message)
    this.millis = seconds * 1000
  }
}

/** Somebody waits for our answer. Who is to be asked later than this has not answered. */
const LONGEST_PAUSE_MS = 2000

/** Asks over HTTPS. An answer counts only where all of it was read in time and is what it should be. */
export function httpTicketDesk({ allowedHosts, tokensFor, pauseMs = 250, resolve }: DeskOptions): TicketDesk {
  const tokens = new Map<string, TokenSource>()
  const tokenSource = (resourceId: string): TokenSource => {
    const known = tokens.get(resourceId)
    if (known) return known
    if (tokens.size >= MOST_SOURCES) tokens.clear()
    const fresh = tokensFor(resourceId)
    tokens.set(resourceId, fresh)
    return fresh
  }

  async function ask(desk: DeskDemand, body: string, signal: AbortSignal): Promise<Evaluation> {
    const source = desk.resourceId ? tokenSource(desk.resourceId) : undefined
    const token = source && (await abortable(source.get(), signal))
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      accept: 'application/json',
      'user-agent': 'Interim-TicketCheck/1.0',
      ...(token && { authorization: `Bearer ${token}` }),
    }
    const response = await reach({ url: desk.targetUrl, headers, body, allowedHosts, resolve }, signal)
    if (response.statusCode === 401) source?.forget()
    return read(response)
  }

  async function attempt(desk: DeskDemand, body: string): Promise<Evaluation> {
    const { timeoutInMilliseconds: patience } = desk
    const signal = AbortSignal.timeout(patience)
    try {
      return await ask(desk, body, signal)
    } catch (error) {
      const isLate = signal.aborted && !(error instanceof Useless)
      throw isLate ? new Unavailable(`No answer within ${patience} ms.`) : failureOf(error)
    }
  }

  return {
    async evaluate(desk, question) {
      const body = JSON.stringify(question)
      for (let failures = 0; ; failures++)
        try {
          return await attempt(desk, body)
        } catch (error) {
          const asked = error instanceof Later ? error.millis : 0
          if (error instanceof Useless || failures >= desk.maximumRetries || asked > LONGEST_PAUSE_MS)
            throw error
          await new Promise((wake) => setTimeout(wake, Math.max(asked, pauseMs * (failures + 1))))
        }
    },
  }
}

function failureOf(error: unknown): Unavailable {
  if (error instanceof Unavailable) return error
  return error instanceof Forbidden
    ? new Useless(error.message)
    : new Unavailable(`No connection (${codeOf(error)}).`)
}

/** Of settings there may be many, and of applications a few. */
const MOST_SOURCES = 100

async function read(response: IncomingMessage): Promise<Evaluation> {
  const { statusCode = 0 } = response
  if (statusCode !== 200) {
    response.destroy()
    const { 'retry-after': after = '', date = '' } = response.headers
    const seconds = retryAfterOf(new Headers({ 'retry-after': after, date }))
    if (statusCode === 429 || statusCode >= 500)
      throw seconds === null
        ? new Unavailable(`Answered ${statusCode}.`)
        : new Later(`Answered ${statusCode}, and to ask again after ${seconds} s.`, seconds)
    throw new Useless(`Answered ${statusCode}.`)
  }
  const text = await bodyOf(response)
  const evaluation = evaluationIn(jsonIn(text))
  if (!evaluation) throw new Useless('Its answer is no evaluation.')
  return evaluation
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MOST_READ) throw new Useless('Its answer is longer than 64 KB.') // which ends the connection, too
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
