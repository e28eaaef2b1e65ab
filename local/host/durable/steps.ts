import { eventName, type HistoryEvent } from './history.ts'
import type { Action, RetryOptions } from './orchestrator-state.ts'
import { openTask, type Task } from './task.ts'

/** What the orchestrator decided and history does not have yet, in the order of its ids. */
export type Decision =
  | { kind: 'TaskScheduled'; id: number; name: string; input: string }
  | { kind: 'TimerCreated'; id: number; fireAt: string }

/** The steps of one replay: what each becomes, which ids they take, and what settles them. */
export type Steps = {
  activity(action: Action): Task
  timer(action: Action): Task
  wait(action: Action): Task
  retried(action: Action): Task
  /** History has this decision already; throws when it is another one. */
  confirm(event: HistoryEvent): void
  close(id: number | undefined, state: 'done' | 'failed'): void
  raise(name: string): void
  setNow(instant: number): void
  undecided(): Decision[]
  isQuiet(): boolean
}

/** The real host sends longer ones in pieces, in which it and the SDK lose their way when one is cancelled. */
const SHORT_TIMER = 6 * 24 * 3600 * 1000

export function createSteps(): Steps {
  const undecided = new Map<number, Decision>()
  const open = new Map<number, Task>()
  const waits = new Map<string, Task[]>()
  const early = new Map<string, number>()
  let nextId = 0
  let now = 0

  const schedule = (decision: Decision) => {
    const task = openTask()
    undecided.set(decision.id, decision)
    open.set(decision.id, task)
    return task
  }
  const activity = (action: Action) =>
    schedule({
      kind: 'TaskScheduled',
      id: nextId++,
      name: action.functionName as string,
      input: JSON.stringify([action.input ?? null]),
    })
  const timerAt = (fireAt: string) => schedule({ kind: 'TimerCreated', id: nextId++, fireAt })

  /** A cancelled timer keeps its id and its place in history, and nobody waits for it. */
  const timer = (action: Action) => {
    const id = nextId
    if (Date.parse(action.fireAt as string) - now > SHORT_TIMER)
      throw new Error('The local host does not run timers of more than six days: cut them into shorter ones.')
    const task = timerAt(new Date(action.fireAt as string).toISOString())
    if (action.isCanceled) open.delete(id)
    return task
  }

  /** An early event is kept for the first wait of its name. */
  const wait = (action: Action) => {
    const name = action.externalEventName as string
    const task = openTask()
    const kept = early.get(name) ?? 0
    if (kept > 0) {
      early.set(name, kept - 1)
      task.settle('done')
    } else {
      waits.set(name, [...(waits.get(name) ?? []), task])
    }
    return task
  }

  /** A timer between the attempts, and one more after the last: the SDK counts it too. */
  const retried = (action: Action) => {
    const options = action.retryOptions as RetryOptions
    const result = openTask()
    const attempt = (number: number) =>
      activity(action).whenSettled(({ state }) => {
        if (state === 'done') return result.settle('done')
        const isLast = number >= options.maxNumberOfAttempts
        const pause = Math.min(
          options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (number - 1),
          options.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY,
        )
        const after = timerAt(new Date(now + (isLast ? 0 : pause)).toISOString())
        after.whenSettled(() => (isLast ? result.settle('failed') : attempt(number + 1)))
      })
    attempt(1)
    return result
  }

  const confirm = (event: HistoryEvent) => {
    const decision = undecided.get(event.EventId)
    const name = decision?.kind === 'TaskScheduled' ? decision.name : undefined
    const same = decision?.kind === eventName(event) && name?.toLowerCase() === event.Name?.toLowerCase()
    if (!same)
      throw new Error(
        `Non-Deterministic workflow detected: history has ${eventName(event)} ${event.Name ?? ''} as number ${event.EventId}, but the orchestrator came to ${decision ? `${decision.kind} ${name ?? ''}` : 'nothing'} there.`,
      )
    undecided.delete(event.EventId)
  }

  const close = (id: number | undefined, state: 'done' | 'failed') => {
    const task = open.get(id as number)
    // Not open: a duplicate, or a timer that was cancelled.
    open.delete(id as number)
    task?.settle(state)
  }

  /** Of several waits for one name the newest gets the event, even when nobody listens to it any more. */
  const raise = (name: string) => {
    const newest = waits.get(name)?.pop()
    if (newest) newest.settle('done')
    else early.set(name, (early.get(name) ?? 0) + 1)
  }

  return {
    activity,
    timer,
    wait,
    retried,
    confirm,
    close,
    raise,
    setNow: (instant) => {
      now = instant
    },
    undecided: () => [...undecided.values()],
    isQuiet: () => open.size === 0,
  }
}
