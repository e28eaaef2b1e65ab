import type { HostProcess } from '../local/host/spawn.ts'

/** What an instance went through, as its history tells, and what that costs on Durable Functions' Azure Storage back end. */
export type DurableCost = {
  turns: number
  activities: number
  timers: number
  events: number
  /** Timers that were cancelled: their messages still come due. */
  stale: number
  roundTrips: number
}

type Event = { EventType: string }

/**
 * Round trips that the real back end needs, counted from its source and confirmed by its access log: a start 3; a turn
 * 4, one more the first time, one per message that it sends and one per message that woke it; an activity 3; an event
 * from the client 3; a timer that comes due when nobody waits any more 3. Every message is taken for a turn of its own.
 */
export async function durableCost(host: HostProcess, instanceId: string): Promise<DurableCost> {
  const address = `${host.url}/runtime/webhooks/durabletask/instances/${instanceId}?showHistory=true`
  const { historyEvents } = (await (await fetch(address)).json()) as { historyEvents: Event[] }
  return costOf(historyEvents)
}

export function costOf(history: readonly Event[]): DurableCost {
  const count = (...types: string[]) => history.filter(({ EventType }) => types.includes(EventType)).length
  const activities = count('TaskCompleted', 'TaskFailed', 'TaskScheduled')
  const timers = count('TimerCreated')
  const events = count('EventRaised')
  const turns = count('ExecutionStarted', 'TaskCompleted', 'TaskFailed', 'TimerFired', 'EventRaised')
  const stale = timers - count('TimerFired')
  const sent = activities + timers
  const roundTrips = 3 + (4 * turns + 1 + sent + turns) + 3 * activities + 3 * events + 3 * stale
  return { turns, activities, timers, events, stale, roundTrips }
}
