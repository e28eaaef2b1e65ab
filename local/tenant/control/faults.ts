import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { decode, send } from '../http.ts'
import type { Service } from './calls.ts'

/** What goes wrong on demand: for which calls, how often, and how. */
export const faultSpec = z.strictObject({
  match: z
    .strictObject({
      method: z.string().optional(),
      path: z.string().optional(),
      service: z.enum(['graph', 'arm', 'mail', 'signin']).optional(),
    })
    .default({}),
  times: z.union([z.int().positive(), z.literal('forever')]).default(1),
  after: z.int().nonnegative().default(0),
  until: z.iso.datetime().optional(),
  kind: z.enum(['status', 'reset', 'resetAfter', 'late', 'hang']),
  status: z.int().min(400).max(599).default(503),
  retryAfter: z.number().nonnegative().optional(),
  body: z.unknown().optional(),
  ms: z.number().nonnegative().default(1000),
})

export type FaultSpec = z.input<typeof faultSpec>
type Fault = z.infer<typeof faultSpec> & {
  id: string /** Calls that matched. */
  seen: number /** Calls that were spoilt. */
  hits: number
}

export class Faults {
  private faults: Fault[] = []
  private count = 0

  add(spec: unknown): { id: string } {
    const parsed = faultSpec.parse(spec)
    new RegExp(parsed.match.path ?? '') // says now, not later, that it is none
    const id = `fault-${++this.count}`
    this.faults.push({ ...parsed, id, seen: 0, hits: 0 })
    return { id }
  }

  list(): Fault[] {
    return this.faults
  }

  remove(id?: string): boolean {
    const before = this.faults.length
    this.faults = id === undefined ? [] : this.faults.filter((f) => f.id !== id)
    return id === undefined || this.faults.length < before
  }

  /** The first fault that applies to this call, which is thereby used once. */
  hit(service: Service, method: string, target: string): Fault | undefined {
    for (const fault of this.faults) {
      if (!matches(fault, service, method, decode(target))) continue
      fault.seen++
      if (fault.seen <= fault.after) continue
      if (fault.times !== 'forever' && fault.hits >= fault.times) continue
      fault.hits++
      return fault
    }
    return undefined
  }
}

function matches({ match, until }: Fault, service: Service, method: string, target: string): boolean {
  if (until && Date.now() >= Date.parse(until)) return false
  if (match.service && match.service !== service) return false
  if (match.method && match.method.toUpperCase() !== method) return false
  return !match.path || new RegExp(match.path).test(target)
}

/** Spoils the call. True when the work must not be done any more; otherwise the answer is what will suffer. */
export function spoil(fault: Fault, res: ServerResponse): boolean {
  switch (fault.kind) {
    case 'status':
      if (fault.retryAfter !== undefined) res.setHeader('Retry-After', `${fault.retryAfter}`)
      send(res, { status: fault.status, body: (fault.body ?? ordinary(fault.status)) as object })
      return true
    case 'reset':
      res.socket?.resetAndDestroy()
      return true
    case 'hang':
      return true
    case 'resetAfter':
      res.end = ((..._: unknown[]) => {
        res.socket?.resetAndDestroy()
        return res
      }) as typeof res.end
      return false
    case 'late': {
      const end = res.end.bind(res)
      res.end = ((...answer: Parameters<typeof end>) => {
        wait(fault.ms, undefined, { ref: false }).then(
          () => end(...answer),
          () => undefined,
        )
        return res
      }) as typeof res.end
      return false
    }
  }
}

const CODES: Record<number, string> = {
  403: 'Authorization_RequestDenied',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
}

function ordinary(status: number): object {
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': crypto.randomUUID(),
    'client-request-id': crypto.randomUUID(),
  }
  return { error: { code: CODES[status] ?? 'UnknownError', message: 'This fault was ordered.', innerError } }
}
