import type { DeskDemand, Evaluation } from '../../src/domain/ticket-check.ts'
import type { TicketQuestion } from '../../src/domain/ticket-question.ts'
import { type TicketDesk, Unavailable } from '../../src/ports.ts'

/** A desk that says what it is told to, and keeps what it was asked. */
export function fakeDesk() {
  const asked: { desk: DeskDemand; question: TicketQuestion }[] = []
  const state: { says: Partial<Evaluation> | 'nothing' } = { says: {} }
  const desk: TicketDesk = {
    async evaluate(demand, question) {
      asked.push(structuredClone({ desk: demand, question }))
      if (state.says === 'nothing') throw new Unavailable('No answer within 3000 ms.')
      return { evaluationId: `eval-${asked.length}`, outcome: 'Approved', reason: '', ...state.says }
    },
  }
  return { desk, asked, state }
}
