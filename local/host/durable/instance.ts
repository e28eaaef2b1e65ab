import { randomUUID } from 'node:crypto'
import { EventType, type HistoryEvent, newEvent } from './history.ts'

export type Status = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated'
const ENDED: Status[] = ['Completed', 'Failed', 'Terminated']

/** All there is to know of an instance. It is never changed in place: an episode makes the next one. */
export type Instance = {
  id: string
  name: string
  executionId: string
  status: Status
  /** JSON texts; null when there is none. */
  input: string | null
  output: string | null
  customStatus: unknown
  created: number
  updated: number
  history: HistoryEvent[]
  /** Messages that arrived but are not history yet: before the first episode, and while suspended. */
  waiting: HistoryEvent[]
  /** How many pages of history are in rows of their own, and how many events those hold. */
  pages: number
  pagedEvents: number
}

export const hasEnded = (instance: Instance): boolean => ENDED.includes(instance.status)

export const newId = (): string => randomUUID().replaceAll('-', '')

export function newInstance(name: string, id: string, input: string | null): Instance {
  const executionId = newId()
  const now = Date.now()
  const started = newEvent('ExecutionStarted', {
    OrchestrationInstance: { InstanceId: id, ExecutionId: executionId },
    ParentInstance: null,
    Name: name,
    Version: '',
    Input: input,
    Tags: null,
  })
  return {
    id,
    name,
    executionId,
    status: 'Pending',
    input,
    output: null,
    customStatus: null,
    created: now,
    updated: now,
    history: [],
    waiting: [started],
    pages: 0,
    pagedEvents: 0,
  }
}

/** Activities and timers whose end has not been seen: what must go on when the host starts again. */
export function openWork(instance: Instance): { activities: HistoryEvent[]; timers: HistoryEvent[] } {
  const arrived = [...instance.history, ...instance.waiting]
  const ended = new Set(arrived.flatMap((event) => event.TaskScheduledId ?? []))
  const fired = new Set(arrived.flatMap((event) => event.TimerId ?? []))
  const open = (type: number, closed: Set<number>) =>
    instance.history.filter((event) => event.EventType === type && !closed.has(event.EventId))
  return { activities: open(EventType.TaskScheduled, ended), timers: open(EventType.TimerCreated, fired) }
}
