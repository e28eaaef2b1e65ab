import { z } from 'zod'
import { text } from './text.ts'

/** Where the work is asked for. For information only: it is kept, and shown, and not looked up. */
export const TicketInfo = z.strictObject({
  ticketNumber: text(100).nullish(),
  ticketSystem: text(100).nullish(),
})
