import { eventName, type HistoryEvent } from './history.ts'
import type { Action, OrchestratorState, RetryOptions } from './orchestrator-state.ts'
import { openTask, type Task, whenAll, whenAny } from './task.ts'

/** What the orchestrator decided and history does not have yet, in the order of its ids. */
export type Decision =
  | { kind: 'TaskScheduled'; id: number; name: string; input: string }
  | { kind: 'TimerCreated'; id: number; fireAt: string }

export type Outcome = {
  decisions: Decision[]
  /** Every step is behind it. */
  walked: boolean
  /** No activity and no timer that was not cancelled is open: only then may it end. */
  quiet: boolean
  /** The history and the orchestrator do not fit together, or it asks for what this host does not do. */
  fault: string | undefined
}

const UNSUPPORTED: Record<number, string> = {
  2: 'sub-orchestrations',
  3: 'sub-orchestrations',
  4: 'continueAsNew',
  7: 'entities',
  8: 'durable HTTP calls',
  9: 'entities',
  10: 'entities',
  13: 'entity locks',
  14: 'entity locks',
}

/**
 * Walks the orchestrator's steps once more against its history, counting as Durable Task does: each step with
 * an effect takes the next id, and what has no event under its id yet is a new decision.
 */
export function replay(history: HistoryEvent[], state: OrchestratorState): Outcome {
  const steps = state.actions[0] ?? []
  const undecided = new Map<number, Decision>()
  const open = new Map<number, Task>()
  const waits = new Map<string, Task[]>()
  const early = new Map<string, number>()
  let nextId = 0
  let now = 0
  let walked = false

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
  const timer = (fireAt: string) => schedule({ kind: 'TimerCreated', id: nextId++, fireAt })

  /** A cancelled timer keeps its id and its place in history, and nobody waits for it. */
  const maybeCancelledTimer = (action: Action) => {
    const id = nextId
    const task = timer(new Date(action.fireAt as string).toISOString())
    if (action.isCanceled) open.delete(id)
    return task
  }

  /** An early event is kept for the first wait of its name. */
  const wait = (name: string) => {
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
  const retried = (action: Action, options: RetryOptions) => {
    const result = openTask()
    const attempt = (number: number) =>
      activity(action).whenSettled(({ state }) => {
        if (state === 'done') return result.settle('done')
        const isLast = number >= options.maxNumberOfAttempts
        const pause = Math.min(
          options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (number - 1),
          options.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY,
        )
        const after = timer(new Date(now + (isLast ? 0 : pause)).toISOString())
        after.whenSettled(() => (isLast ? result.settle('failed') : attempt(number + 1)))
      })
    attempt(1)
    return result
  }

  const begin = (action: Action): Task => {
    switch (action.actionType) {
      case 0:
        return activity(action)
      case 1:
        return retried(action, action.retryOptions as RetryOptions)
      case 5:
        return maybeCancelledTimer(action)
      case 6:
        return wait(action.externalEventName as string)
      case 11:
        return whenAny((action.compoundActions ?? []).map(begin))
      case 12:
        return whenAll((action.compoundActions ?? []).map(begin))
      default:
        throw new Error(
          `The local host does not run ${UNSUPPORTED[action.actionType] ?? `action ${action.actionType}`}.`,
        )
    }
  }

  const walk = (index: number): void => {
    const step = steps[index]
    if (step) begin(step).whenSettled(() => walk(index + 1))
    else walked = true
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

  const apply = (event: HistoryEvent) => {
    switch (eventName(event)) {
      case 'OrchestratorStarted':
        now = Date.parse(event.Timestamp)
        return
      case 'ExecutionStarted':
        return walk(0)
      case 'TaskScheduled':
      case 'TimerCreated':
        return confirm(event)
      case 'TaskCompleted':
        return close(event.TaskScheduledId, 'done')
      case 'TaskFailed':
        return close(event.TaskScheduledId, 'failed')
      case 'TimerFired':
        return close(event.TimerId, 'done')
      case 'EventRaised':
        return raise(event.Name as string)
      default:
        return
    }
  }

  let fault: string | undefined
  try {
    for (const event of history) apply(event)
  } catch (error) {
    fault = (error as Error).message
  }
  return { decisions: [...undecided.values()], walked, quiet: open.size === 0, fault }
}
