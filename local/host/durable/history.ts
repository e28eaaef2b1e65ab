/** The numbers Durable Task gives to its history events. */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const
export type EventName = keyof typeof EventType

const NAMES = new Map<number, EventName>(
  (Object.entries(EventType) as [EventName, number][]).map(([name, number]) => [number, name]),
)

/** An event as it travels to the SDK, but for IsPlayed, which depends on when it is looked at. */
export type HistoryEvent = {
  EventType: number
  EventId: number
  Timestamp: string
  Name?: string
  Input?: string | null
  Result?: string | null
  Reason?: string | null
  Details?: string
  TaskScheduledId?: number
  TimerId?: number
  FireAt?: string
  OrchestrationStatus?: string
  [field: string]: unknown
}

export const eventName = (event: HistoryEvent): EventName => NAMES.get(event.EventType) as EventName

export function newEvent(name: EventName, fields: Partial<HistoryEvent> = {}, id = -1): HistoryEvent {
  return { EventType: EventType[name], EventId: id, Timestamp: new Date().toISOString(), ...fields }
}
