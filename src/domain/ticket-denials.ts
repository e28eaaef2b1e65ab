import type { Ask } from './ask.ts'
import type { Denial } from './denial.ts'
import type { Demands } from './role-settings.ts'
import { fitsPattern } from './ticket.ts'
import { type DeskAnswer, type DeskDemand, deskKey } from './ticket-check.ts'

/** A ticket where one is required, and one that looks as the settings say. */
export function ticketDenials(
  { ticketInfo }: Pick<Ask, 'ticketInfo'>,
  { demands }: { demands: Pick<Demands, 'ticket'> & Partial<Pick<Demands, 'ticketPatterns'>> },
): Denial[] {
  const denial = (message: string): Denial => ({ rule: 'TicketingRule', target: 'ticketInfo', message })
  const number = ticketInfo?.ticketNumber?.trim()
  if (demands.ticket && !(number && ticketInfo?.ticketSystem?.trim()))
    return [denial('A ticket number and a ticket system are required.')]
  return (demands.ticketPatterns ?? [])
    .filter((pattern) => number && !fitsPattern(number, pattern))
    .map((pattern) => denial(`The ticket number must look like this: ${pattern}`))
}

/** Whom to ask about the ticket: nobody where none is given, or where it does not look like one. */
export function desksToAsk(
  ask: Pick<Ask, 'ticketInfo'>,
  { demands }: { demands: Pick<Demands, 'ticket' | 'ticketPatterns' | 'ticketDesks'> },
): readonly DeskDemand[] {
  const { ticketDesks = [] } = demands
  if (ticketDesks.length === 0 || !ask.ticketInfo?.ticketNumber?.trim()) return []
  return ticketDenials(ask, { demands }).length > 0 ? [] : ticketDesks
}

/** No answer is no yes. Of a desk that was not asked nothing is said while others have refused it: it is asked last. */
export function deskDenials(
  desks: readonly DeskDemand[],
  { said = [] }: { said?: readonly DeskAnswer[] },
  isAlone: boolean,
): Denial[] {
  const no = (message: string): Denial => ({ rule: 'TicketingRule', target: 'ticketInfo', message })
  const messages = desks.flatMap((desk) => {
    const answer = said.find((each) => each.desk === deskKey(desk))
    if (answer?.outcome === 'Approved' || answer?.outcome === 'AutoApproved') return []
    if (answer?.outcome === 'Denied')
      return answer.reason ? `The ticket was refused: ${answer.reason}` : 'The ticket was refused.'
    return answer || isAlone ? UNCHECKED : []
  })
  return [...new Set(messages)].map(no)
}

const UNCHECKED = 'The ticket could not be checked, and nothing is given without: try again later.'
