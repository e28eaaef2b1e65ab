import { type HistoryEvent, newEvent } from './history.ts'

/**
 * When a durable timer fires: the real host hides its message for whole seconds, the fraction cut off, so up
 * to one second before `FireAt`.
 */
export function timerDue(created: HistoryEvent): number {
  const from = Date.parse(created.Timestamp)
  const seconds = Math.floor((Date.parse(created.FireAt as string) - from) / 1000)
  return from + Math.max(0, seconds) * 1000
}

/** Its Timestamp is that of the message, which was made together with the timer. */
export function timerFired(created: HistoryEvent): HistoryEvent {
  return newEvent('TimerFired', {
    TimerId: created.EventId,
    FireAt: created.FireAt as string,
    Timestamp: created.Timestamp,
  })
}
