import { listedAfterChange, UNLISTED } from './open-work.ts'
import type { Request } from './request.ts'

/** What a request is at its beginning whoever asks for it and for what: nothing has been given yet, and its first wait is ahead. */
const UNTOUCHED = {
  grant: null,
  ending: null,
  failure: null,
  completedDateTime: null,
  turn: 1,
  changedIn: 0,
  listed: UNLISTED,
} as const satisfies Partial<Request>

/** What differs from one kind of request to another. */
export type Asked = Omit<Request, keyof typeof UNTOUCHED | 'createdDateTime'>

/** A request as it is opened at this instant, listed so that the sweep looks at it a minute later. */
export function newRequest(asked: Asked, now: Date): Request {
  const request: Request = { ...asked, ...UNTOUCHED, createdDateTime: now.toISOString() }
  return { ...request, listed: listedAfterChange(request, now) }
}

/** As it is kept: both fields, blank or not. */
export const ticketOf = (ticketInfo: TicketAsked): Request['ticketInfo'] =>
  ticketInfo
    ? { ticketNumber: ticketInfo.ticketNumber ?? null, ticketSystem: ticketInfo.ticketSystem ?? null }
    : null

type TicketAsked =
  | Partial<Record<'ticketNumber' | 'ticketSystem', string | null | undefined>>
  | null
  | undefined
