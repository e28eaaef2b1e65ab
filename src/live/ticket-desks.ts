import { type Circumstances, denialsBeforeDesks } from '../domain/activation.ts'
import type { Ask } from '../domain/ask.ts'
import type { Request } from '../domain/request.ts'
import { type DeskAnswer, deskKey } from '../domain/ticket-check.ts'
import { desksToAsk } from '../domain/ticket-denials.ts'
import { ticketQuestion } from '../domain/ticket-question.ts'
import type { Ports } from '../ports.ts'

export type DeskUse = {
  /** The request that is judged; not known when it is first asked for. */
  id?: string
  /** Nothing comes of it, so nothing may come of asking. */
  isValidationOnly?: boolean
  /** Nobody is asked: this is taken for what all of them would say. */
  assumed?: 'Approved' | 'AutoApproved' | undefined
}

/**
 * What the desks of the role say of the ticket, all at once. Asked last, and only about what nothing else stands against: anybody may
 * ask for any role, and so could try out numbers of tickets, or have us call somebody as often as they like.
 */
export async function saidOfTicket(
  { desk, log }: Pick<Ports, 'desk' | 'log'>,
  ask: Ask,
  c: Circumstances,
  { assumed, ...use }: DeskUse,
): Promise<DeskAnswer[]> {
  const desks = desksToAsk(ask, c)
  const { requester } = c
  if (desks.length === 0) return []
  if (assumed)
    return desks.map((each) => ({ desk: deskKey(each), outcome: assumed, evaluationId: '', reason: '' }))
  if (!requester || denialsBeforeDesks(ask, c).length > 0) return []
  const question = ticketQuestion(ask, requester, c.definition, use, c.now)
  return Promise.all(
    desks.map(async (each): Promise<DeskAnswer> => {
      const key = deskKey(each)
      try {
        return { desk: key, ...(await desk.evaluate(each, question)) }
      } catch (error) {
        // Not told to the requester: it may say what is where in our networks.
        log.warn('A ticket could not be checked.', {
          targetUrl: each.targetUrl,
          requestId: use.id ?? null,
          error: `${error}`,
        })
        return { desk: key, outcome: 'unheard' }
      }
    }),
  )
}

/** For the trail: under which ids the desks keep what they said. */
export function evaluationsOf({ said = [] }: Pick<Circumstances, 'said'>): Pick<Request, 'evaluations'> {
  const evaluations = said.flatMap((each) => ('evaluationId' in each ? each.evaluationId : []))
  return evaluations.length > 0 ? { evaluations } : {}
}
