import { eventName, type HistoryEvent } from './history.ts'
import type { Instance } from './instance.ts'

export type View = { showInput: boolean; showHistory: boolean; showHistoryOutput: boolean }

/** An instance as the management API shows it: every key always there, times in whole seconds. */
export function statusView(instance: Instance, view: View) {
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: view.showInput ? parse(instance.input ?? '""') : null,
    customStatus: instance.customStatus ?? null,
    output: parse(instance.output),
    createdTime: seconds(instance.created),
    lastUpdatedTime: seconds(instance.updated),
    ...(view.showHistory ? { historyEvents: historyView(instance.history, view) } : {}),
  }
}

const parse = (text: string | null | undefined): unknown =>
  text === null || text === undefined ? null : JSON.parse(text)

const seconds = (instant: number) => `${new Date(instant).toISOString().slice(0, 19)}Z`

/** What was scheduled is merged into the event of its end, at the end's place. */
function historyView(history: HistoryEvent[], view: View): Record<string, unknown>[] {
  const scheduled = new Map<number, HistoryEvent>()
  const ended = new Set<number>()
  for (const event of history) {
    if (eventName(event) === 'TaskScheduled') scheduled.set(event.EventId, event)
    if (event.TaskScheduledId !== undefined) ended.add(event.TaskScheduledId)
  }
  return history.flatMap((event) => {
    const name = eventName(event)
    if (name === 'OrchestratorStarted' || name === 'OrchestratorCompleted') return []
    if (name === 'TaskScheduled' && ended.has(event.EventId)) return []
    return [eventView(event, scheduled.get(event.TaskScheduledId ?? -1), view)]
  })
}

function eventView(event: HistoryEvent, scheduled: HistoryEvent | undefined, view: View) {
  const EventType = eventName(event)
  const Timestamp = event.Timestamp
  const input = view.showInput ? { Input: event.Input ?? null } : {}
  const result = view.showHistoryOutput ? { Result: parse(event.Result) } : {}
  switch (EventType) {
    case 'ExecutionStarted':
      return {
        EventType,
        ...input,
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: null,
        Generation: 0,
        GenerateNewTrace: false,
        Timestamp,
        FunctionName: event.Name,
      }
    case 'TaskCompleted':
    case 'TaskFailed': {
      const when = scheduled?.Timestamp.replace('Z', '+00:00')
      const end =
        EventType === 'TaskCompleted'
          ? result
          : { Reason: event.Reason, Details: event.Details, FailureDetails: null }
      const noInput = view.showInput ? { Input: null } : {}
      return { EventType, ...end, Timestamp, ScheduledTime: when, FunctionName: scheduled?.Name, ...noInput }
    }
    case 'TaskScheduled':
      return { EventType, Timestamp, Name: event.Name, ...input }
    case 'EventRaised':
      return { EventType, Name: event.Name, ...input, ParentTraceContext: null, Timestamp }
    case 'TimerCreated':
    case 'TimerFired':
      return { EventType, FireAt: event.FireAt, Timestamp }
    case 'ExecutionSuspended':
    case 'ExecutionResumed':
      return { EventType, Reason: event.Reason ?? null, Timestamp }
    case 'ExecutionTerminated':
      return { EventType, Input: event.Input ?? null, Timestamp }
    default:
      return {
        EventType,
        OrchestrationStatus: event.OrchestrationStatus,
        ...result,
        FailureDetails: null,
        Timestamp,
      }
  }
}
